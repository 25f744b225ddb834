"""Prints how many bytes of tensors a training step holds at its peak: python memory_run.py MODEL.json

Weights, gradients, the moments of Adam and the activations of one clip, as `narrows inspect` counts them, by the
allocations that torch's profiler records.
"""

from __future__ import annotations

import sys
from itertools import accumulate

import torch
from torch.profiler import ProfilerActivity, profile

from narrows.models import create_model_from_config

if __name__ == "__main__":
    torch.set_num_threads(1)
    model = create_model_from_config(sys.argv[1])
    optimizer = torch.optim.Adam(model.parameters())
    audio = torch.zeros(1, model.in_channels, model.config.sample_size)
    # What is there before the profiler starts: it sees the changes.
    held = sum(tensor.nbytes for tensor in [*model.parameters(), *model.buffers(), audio])
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        for _ in range(2):
            latents, info = model.encode(audio, return_info=True)
            model.decode(latents).square().mean().backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
    events = [event for event in recorded.profiler.kineto_results.events() if event.name() == "[memory]"]
    changes = [event.nbytes() for event in sorted(events, key=lambda event: event.start_ns())]
    print(held + max(accumulate(changes)))
