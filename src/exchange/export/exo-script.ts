/** What posts a patch to exo: asks for exo's own placement, sets the layers, posts the instance. */
export const EXO_SCRIPT = String.raw`#!/usr/bin/env python3
"""Usage: apply.py CHAIN.json http://HOST:PORT [--dry-run] [--trust-order]

Fill in exoNode of every shard, or say --trust-order to take exo's order of nodes.
"""
import json
import sys
import urllib.parse
import urllib.request


def main() -> None:
    arguments = [word for word in sys.argv[1:] if not word.startswith("--")]
    if len(arguments) != 2:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as file:
        patch = json.load(file)
    base = arguments[1].rstrip("/")
    query = urllib.parse.urlencode(patch["query"])
    with urllib.request.urlopen(f"{base}/instance/placement?{query}") as answer:
        placement = json.load(answer)
    set_layers(placement, patch["shards"])
    if "--dry-run" in sys.argv:
        print(json.dumps(placement, indent=2))
        return
    request = urllib.request.Request(
        f"{base}/instance",
        data=json.dumps({"instance": placement.get("instance", placement)}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        print(answer.read().decode())


def set_layers(placement: dict, shards: list) -> None:
    instance = placement.get("instance", placement)["MlxRingInstance"]
    assignments = instance["shardAssignments"]
    node_of = {runner: node for node, runner in assignments["nodeToRunner"].items()}
    runners = assignments["runnerToShard"]
    if len(runners) != len(shards):
        sys.exit(f"exo would use {len(runners)} nodes, the plan uses {len(shards)}")
    by_rank = {shard["deviceRank"]: shard for shard in shards}
    for runner, shard in runners.items():
        metadata = shard["PipelineShardMetadata"]
        planned = by_rank[metadata["deviceRank"]]
        expected = planned["exoNode"]
        if expected is None and "--trust-order" not in sys.argv:
            sys.exit(f"exoNode of {planned['node']} is not filled in; exo has {node_of[runner]} there")
        if expected is not None and expected != node_of[runner]:
            sys.exit(f"rank {metadata['deviceRank']} is {node_of[runner]} for exo, {expected} in the plan")
        if metadata["nLayers"] != shards[-1]["endLayer"]:
            sys.exit(f"exo's model has {metadata['nLayers']} layers, the plan's {shards[-1]['endLayer']}")
        metadata["startLayer"] = planned["startLayer"]
        metadata["endLayer"] = planned["endLayer"]


main()
`;
