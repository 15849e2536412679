"""The data plane: servers that run, on networks, routers and floating IPs that carry packets (Linux; off by default).

It is an agent like those of real clouds: all that it knows of Networking and Compute, it reads from their APIs.
`keeper` starts it beside the server, `agent` follows the APIs, and `plane` is the first process in separate namespaces,
which hold everything else of the data plane. Nothing in them reaches the machine or its network, and all processes in
them end with `plane`.
"""
