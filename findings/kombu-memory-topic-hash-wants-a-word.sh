#!/usr/bin/env bash
# kombu 5.7.0: "#" in a topic binding matches zero words on RabbitMQ and at least one on kombu's own transports.
#
# Expected: AMQP 0-9-1, 3.1.3.3 (the topic exchange type): "# matches zero or more words"; its own example is that
#   *.stock.# matches usd.stock. kombu presents one interface for all transports.
# Seen: on memory:// (and redis, SQS, filesystem, which share the code) a queue bound with "notifications.#" does not
#   get a message with the routing key "notifications", nor "a.#.z" one with "a.z": both are dropped without a word.
# Why: kombu.transport.virtual.exchange.TopicExchange.key_to_pattern joins the words with a dot that is required, so
#   "#" needs a word beside it; the docstring there calls it "one or more words".
# Hurts: anyone who tests with memory:// what runs on RabbitMQ, or moves from RabbitMQ to Redis: messages go missing.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check kombu==5.7.0 amqp==5.4.2
"$dir/venv/bin/python" - <<'EOF'
import sys
from kombu import Connection, Exchange, Producer, Queue

expected = {
    ("notifications.#", "notifications"): False, ("notifications.#", "notifications.info"): True,
    ("*.stock.#", "usd.stock"): False, ("*.stock.#", "usd.stock.db"): True,
    ("a.#.z", "a.z"): False, ("a.#.z", "a.b.z"): True, ("#", "anything"): True,
}
with Connection("memory://") as connection:
    channel = connection.channel()
    for number, ((binding, key), delivered) in enumerate(expected.items()):
        exchange = Exchange(f"exchange{number}", type="topic", durable=False)
        queue = Queue(f"queue{number}", exchange, routing_key=binding, durable=False)(channel)
        queue.declare()
        Producer(channel, exchange).publish("text", routing_key=key)
        seen = queue.get(no_ack=True) is not None
        print(f"bound with {binding:16} key {key:19} delivered: {seen}, AMQP 0-9-1: True")
        if seen != delivered:
            sys.exit("changed")
EOF
