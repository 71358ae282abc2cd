/** One layer of attention and a gated block, in elements. */
export interface MeasuredLayer {
  readonly model: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  readonly intermediateSize: number;
  /** Tokens in the cache of every decoded sequence. */
  readonly contextTokens: number;
}

/**
 * A Python script that needs nothing but PyTorch: it times one layer with random weights for prompts and
 * decode batches on the machine's accelerator (CUDA, ROCm, MPS, XPU) or processor, and prints JSON that
 * `import --measured` reads.
 */
export function measureScript(layer: MeasuredLayer): string {
  return `${HEAD}\nLAYER = ${JSON.stringify(layer, null, 4)}\n${BODY}`;
}

const HEAD = `#!/usr/bin/env python3
"""Times one layer of a model on this machine. Written by helix-place measure.

    python3 measure.py > measured.json        (progress goes to standard error)
    helix-place import --measured measured.json -o cluster.json
"""
import argparse
import json
import platform
import sys
import time
`;

const BODY = `

def say(text):
    print(text, file=sys.stderr, flush=True)


def stop(text):
    say(text)
    sys.exit(2)


try:
    import torch
    import torch.nn.functional as F
except ImportError:
    stop("PyTorch is missing: install it (pip install torch) and run this script again.")


def options():
    parser = argparse.ArgumentParser(description="Times one layer on this machine.")
    parser.add_argument("--device", help="cuda, mps, xpu or cpu (default: the first there is)")
    parser.add_argument("--dtype", help="bfloat16, float16 or float32 (default: by device)")
    parser.add_argument("--seconds", type=float, default=180, help="about how long to measure")
    parser.add_argument("--most-prompt", type=int, default=8192, help="most prompt tokens in a batch")
    parser.add_argument("--most-decode", type=int, default=256, help="most sequences in a batch")
    return parser.parse_args()


def choose_device(asked):
    if asked:
        return asked
    if torch.cuda.is_available():
        return "cuda"
    if getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        return "mps"
    if getattr(torch, "xpu", None) and torch.xpu.is_available():
        return "xpu"
    return "cpu"


def choose_dtype(asked, device):
    names = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
    if asked:
        return names.get(asked) or stop("--dtype is one of " + ", ".join(names))
    if device == "cuda":
        # Cards before 2020 have no bf16 of their own.
        hip = getattr(torch.version, "hip", None)
        return torch.bfloat16 if hip or torch.cuda.get_device_capability()[0] >= 8 else torch.float16
    return {"cpu": torch.float32, "mps": torch.float16}.get(device, torch.bfloat16)


def processor_name():
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def describe(device):
    if device == "cuda":
        found = torch.cuda.get_device_properties(0)
        return found.name, found.total_memory
    if device == "xpu":
        found = torch.xpu.get_device_properties(0)
        return found.name, found.total_memory
    try:
        import os

        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        memory = None
    return processor_name(), memory


class Layer:
    """Attention with a cache and a gated block, its weights random."""

    def __init__(self, device, dtype):
        self.device, self.dtype = device, dtype
        h, i = LAYER["hiddenSize"], LAYER["intermediateSize"]
        self.n, self.k = LAYER["attentionHeads"], LAYER["keyValueHeads"]
        self.d = LAYER["headDimension"]
        self.qkv = self.weight((self.n + 2 * self.k) * self.d, h)
        self.out = self.weight(h, self.n * self.d)
        self.up = self.weight(2 * i, h)
        self.down = self.weight(h, i)
        self.scale = torch.ones(h, device=device, dtype=dtype)

    def weight(self, rows, columns):
        return torch.randn(rows, columns, device=self.device, dtype=self.dtype) * 0.02

    def parameters(self):
        return sum(w.numel() for w in (self.qkv, self.out, self.up, self.down))

    def norm(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.scale

    def attend(self, q, keys, values, causal):
        if self.n != self.k:
            keys = keys.repeat_interleave(self.n // self.k, dim=1)
            values = values.repeat_interleave(self.n // self.k, dim=1)
        return F.scaled_dot_product_attention(q, keys, values, is_causal=causal)

    def run(self, x, cache=None):
        """x: sequences, new tokens of each, hidden size."""
        b, t, _ = x.shape
        qkv = F.linear(self.norm(x), self.qkv).view(b, t, -1, self.d).transpose(1, 2)
        q, k, v = qkv.split([self.n, self.k, self.k], dim=1)
        if cache is None:
            mixed = self.attend(q, k, v, True)
        else:
            cache[0][:, :, -1:] = k
            cache[1][:, :, -1:] = v
            mixed = self.attend(q, cache[0], cache[1], False)
        x = x + F.linear(mixed.transpose(1, 2).reshape(b, t, -1), self.out)
        gate, up = F.linear(self.norm(x), self.up).chunk(2, dim=-1)
        return x + F.linear(F.silu(gate) * up, self.down)

    def prompt(self, tokens):
        x = torch.randn(1, tokens, LAYER["hiddenSize"], device=self.device, dtype=self.dtype)
        return lambda: self.run(x)

    def decode(self, sequences):
        x = torch.randn(sequences, 1, LAYER["hiddenSize"], device=self.device, dtype=self.dtype)
        shape = (sequences, self.k, LAYER["contextTokens"], self.d)
        cache = [torch.randn(shape, device=self.device, dtype=self.dtype) for _ in range(2)]
        return lambda: self.run(x, cache)


def finish(device):
    if device in ("cuda", "xpu", "mps"):
        getattr(torch, device).synchronize()


def seconds_of(step, device, budget):
    """The median of several runs, after some that warm up."""
    began = time.perf_counter()
    step()
    finish(device)
    once = time.perf_counter() - began
    runs = max(3, min(30, int(budget / max(once, 1e-6))))
    for _ in range(2 if once < budget else 0):
        step()
    finish(device)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        step()
        finish(device)
        times.append(time.perf_counter() - began)
        if len(times) >= 3 and sum(times) > budget:
            break
    return sorted(times)[len(times) // 2]


def out_of_memory(error):
    return isinstance(error, MemoryError) or "memory" in str(error).lower()


def curve(name, sizes, make, device, until):
    points = []
    for at, size in enumerate(sizes):
        left = until - time.perf_counter()
        if points and left < 2 * points[-1][1]:
            say(f"{name}: the time is up; larger batches are left out (see --seconds)")
            break
        try:
            seconds = seconds_of(make(size), device, max(0.2, left / (len(sizes) - at) / 2))
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if not points:
                stop(f"{name}: not even {size} fits into the memory of this machine.")
            say(f"{name}: {size} does not fit into memory; it ends before")
            break
        points.append([size, seconds])
        say(f"{name} {size:>6}: {seconds * 1e3:10.3f} ms for one layer")
    return points


def doubling(start, most):
    sizes = []
    while start < most:
        sizes.append(start)
        start *= 2
    return sizes + [most]


def main():
    asked = options()
    device = choose_device(asked.device)
    dtype = choose_dtype(asked.dtype, device)
    card, memory = describe(device)
    say(f"{LAYER['model']} on {card} ({device}, {str(dtype).split('.')[-1]}), about {asked.seconds:.0f} s")
    torch.manual_seed(0)
    with torch.inference_mode():
        try:
            layer = Layer(device, dtype)
        except (RuntimeError, MemoryError) as error:
            stop(f"One layer of {LAYER['model']} does not fit into the memory of this machine: {error}")
        began = time.perf_counter()
        half = asked.seconds / 2
        decode = curve(
            "decode", doubling(1, asked.most_decode), layer.decode, device, began + half
        )
        prompt = curve(
            "prompt", doubling(64, asked.most_prompt), layer.prompt, device, time.perf_counter() + half
        )
    print(json.dumps({
        "format": "helix-place/measured@1",
        "model": LAYER["model"],
        "layers": LAYER["layers"],
        "device": device,
        "card": card,
        "memoryBytes": memory,
        "torch": torch.__version__,
        "dtype": str(dtype).split(".")[-1],
        "parameters": layer.parameters(),
        "layerBytes": layer.parameters() * layer.qkv.element_size(),
        "contextTokens": LAYER["contextTokens"],
        "promptSeconds": prompt,
        "decodeSeconds": decode,
    }, indent=1))


if __name__ == "__main__":
    main()
`;
