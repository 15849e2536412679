#!/usr/bin/env bash
# Software: heat-translator 3.5.0, tosca-parser 2.15.0.
# Expected: mem_size: 6.5 GB is 6500 MB, as tosca-parser, which checks the template before, reads it (its regular expression of a
#   scalar-unit.size is "([0-9.]+)\s*(\w+)"): both need the flavor m1.large with 8192 MB. With numbers in whole it is so.
# Seen: 6.5 GB becomes m1.small, with 2048 MB, and status 0; 6500 MB and 7 GB become m1.large. 20.5 GB of disk are 20 GB.
# Why: MemoryUnit.convert_unit_size_to_num() has `(\d*)\s*(\w*)`, of which "6.5 GB" is "6" without a unit: 6 is then taken for a
#   number of MB, or of GB for the disk.
# Hurts: translated templates whose sizes have a fraction: servers come up with a third of the memory, without a word.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check heat-translator==3.5.0 tosca-parser==2.15.0 || exit 77
cd "$dir"
# flavor SIZE: the flavor in the translation of a server with this much memory.
flavor() {
    cat >template.yaml <<YAML
tosca_definitions_version: tosca_simple_yaml_1_0
topology_template:
  node_templates:
    server:
      type: tosca.nodes.Compute
      capabilities:
        host: {properties: {num_cpus: 1, mem_size: $1, disk_size: 10 GB}}
        os: {properties: {architecture: x86_64, type: Linux, distribution: RHEL, version: 6.5}}
YAML
    venv/bin/heat-translator --template-file template.yaml 2>/dev/null | sed -n 's/^ *flavor: //p'
}
fraction=$(flavor "6.5 GB")
megabytes=$(flavor "6500 MB")
whole=$(flavor "7 GB")
parser=$(venv/bin/python -W ignore -c '
from toscaparser.elements.scalarunit import ScalarUnit_Size
print(ScalarUnit_Size("6.5 GB").get_num_from_scalar_unit("MB"))')
printf '6.5 GB: %s\n6500 MB: %s\n7 GB: %s\ntosca-parser: %s MB\n' "$fraction" "$megabytes" "$whole" "$parser"
[ "$fraction, $megabytes, $whole, $parser" = "m1.small, m1.large, m1.large, 6500" ] || exit 1
