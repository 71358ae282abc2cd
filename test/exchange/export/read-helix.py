"""Reads exported Helix files the way the published simulator does, and prints what it understood.

ConfigParser with its interpolation, values evaluated as expressions of the simulator's units.
"""

import json
import sys
from configparser import ConfigParser
from pathlib import Path

UNITS = {"mbps": 1e6, "gbps": 1e9, "MB": 1e6, "GB": 1e9, "MilliSec": 0.001, "Sec": 1}


def load(path):
    parser = ConfigParser()
    assert parser.read(path, encoding="utf-8"), path
    return parser


def value(parser, section, key):
    return eval(parser[section][key], {"__builtins__": {}}, dict(UNITS))


def read_solution(path, total):
    parser = load(path)
    offset = value(parser, "Settings", "offset")
    assert offset == 2
    layers = {}
    for name in parser["Solution"]:
        index = int(name.split("_")[2]) - offset
        held = value(parser, "Solution", name)
        assert 0 <= index < total
        assert held == list(range(held[0], held[0] + len(held)))
        layers[name] = [held[0], held[-1] + 1]
    return layers


def read_cluster(path):
    parser = load(path)
    types = value(parser, "MachineTypes", "types")
    assert len(types) == len(set(types))
    nodes = {}
    for name in value(parser, "ComputeNodes", "names"):
        assert name not in nodes
        keys = ["vram_size", "inbound_nic_speed", "outbound_nic_speed", "disk_speed"]
        figures = {key: value(parser, name, key) for key in keys}
        assert all(figure > 0 for figure in figures.values())
        machine = value(parser, name, "machine_type")
        assert machine in types
        capacity = value(parser, name, "kv_cache_capacity")
        assert isinstance(capacity, int)
        assert value(parser, name, "activation_backup_capacity") == 0
        nodes[name] = {**figures, "machine": machine, "kv": capacity}
    links = []
    names = value(parser, "Links", "names")
    assert len(names) == len(set(names))
    for name in names:
        tail, head = parser[name]["in"], parser[name]["out"]
        assert tail == "source" or tail in nodes
        assert head == "sink" or head in nodes
        bandwidth, latency = value(parser, name, "bandwidth"), value(parser, name, "latency")
        assert bandwidth > 0 and latency >= 0
        links.append([tail, head, bandwidth, latency])
    coordinator = [value(parser, "Coordinator", f"{way}_nic_speed") for way in ("inbound", "outbound")]
    return {"types": types, "nodes": nodes, "links": links, "coordinator": coordinator}


def read_topology(path, profile_path):
    parser, profiles = load(path), load(profile_path)
    total = value(parser, "NodeNames", "total_compute_nodes")
    everyone = list(range(total))
    assert sorted(value(parser, "SourceNode", "connected_nodes")) == everyone
    assert sorted(value(parser, "SinkNode", "connected_nodes")) == everyone
    for index in everyone:
        others = ["source", *[other for other in everyone if other != index], "sink"]
        assert value(parser, f"ComputeNode-{index}", "connected_nodes") == others
        machine = parser[f"ComputeNode-{index}"]["type"]
        for key in ("vram_size", "inbound_nic_speed", "outbound_nic_speed", "disk_speed"):
            assert value(profiles, machine, key) > 0
    for name in parser.sections():
        if "Link-" in name:
            ends = name.split("-")
            assert ends[1] == "source" or int(ends[1]) < total
            assert ends[2] == "sink" or int(ends[2]) < total
            assert value(parser, name, "bandwidth") > 0 and value(parser, name, "latency") >= 0
    assert value(profiles, "SourceNode", "outbound_nic_speed") > 0
    assert value(profiles, "SinkNode", "inbound_nic_speed") > 0
    return total


def read_runtime(path):
    machines = []
    for block in path.read_text(encoding="utf-8").strip("\n").split("\n\n"):
        entries = dict(line.split(":", 1) for line in block.split("\n"))
        machines.append({
            "id": int(entries["machine_id"]),
            "ip": entries["ip_address"].strip(),
            "in": [int(word) for word in entries["in_nodes"].split()],
            "out": [int(word) for word in entries["out_nodes"].split()],
            "layers": [int(entries["start_layer"]), int(entries["end_layer"])],
        })
    assert [machine["id"] for machine in machines] == list(range(len(machines)))
    return machines


def main():
    results = []
    for folder in map(Path, sys.argv[1:]):
        total = read_topology(folder / "cluster.ini", folder / "machine_profile.ini")
        results.append({
            "solution": read_solution(folder / "ilp_sol.ini", total),
            "cluster": read_cluster(folder / "simulator_cluster.ini"),
            "runtime": read_runtime(folder / "real_sys_config.txt"),
        })
    print(json.dumps(results))


main()
