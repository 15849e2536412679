"""The data plane: servers that run, on networks, routers and floating IPs that carry packets (Linux; off by default).

It is an agent, as real clouds have them: it reads the APIs of Networking and Compute, and knows nothing else of them.
`keeper` starts it beside the server, `agent` follows the APIs, and `plane` is the first process of namespaces of its
own, in which everything else lives: nothing there reaches the machine or its network, and all of it ends with it.
"""
