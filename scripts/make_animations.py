"""Make the course's three animations from real runs, each with a static strip of a few of its moments, in nbs/images.

    python scripts/make_animations.py [name …]        names: 07_scale, 10_lsuv, 12_start

A GIF stays below 1 MB: one palette of 64 colours for all frames, and no more frames than the eye needs. The trainings take about a minute.
"""
import math
import sys
from functools import partial
from io import BytesIO

import matplotlib
matplotlib.use('agg')
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from miniai.activations import ActivationStats, Hooks, set_seed
from miniai.conv import get_model
from miniai.datasets import DataLoaders, fashion_mnist
from miniai.general_relu import GeneralRelu
from miniai.kaiming import BatchTransformCB, normalizer
from miniai.learner import LossesCB, MomentumLearner
from miniai.lsuv import lsuv_
from miniai.xavier import plot_scale

from course import nbs

out = nbs/'images'
limit = 1_000_000  # bytes of a GIF


def as_image(fig):
    with BytesIO() as b:
        fig.savefig(b, dpi=110)
        plt.close(fig)
        return Image.open(BytesIO(b.getvalue())).convert('RGB')


def save(name, frames, moments, ms=120, wait=1500):
    """Write `name`.gif from the frames, and `name`.png with the frames at `moments` one below the other. The last frame comes first as well,
    with a pause: where a GIF does not move, or not yet, one sees the whole."""
    strip = Image.new('RGB', (frames[0].width, len(moments)*frames[0].height), 'white')
    for i,m in enumerate(moments): strip.paste(frames[m], (0, i*frames[0].height))
    strip.quantize(128).save(out/f'{name}.png', optimize=True)
    palette = strip.quantize(64, dither=Image.Dither.NONE)
    small = [f.quantize(palette=palette, dither=Image.Dither.NONE) for f in [frames[-1], *frames]]
    durations = [wait] + [ms]*(len(small) - 2) + [wait]
    small[0].save(out/f'{name}.gif', save_all=True, append_images=small[1:], duration=durations, loop=0, optimize=True)
    size = (out/f'{name}.gif').stat().st_size
    print(f'{name}: {len(frames)} frames, {size/1000:.0f} kB, strip {(out/f"{name}.png").stat().st_size/1000:.0f} kB')
    if size >= limit: raise ValueError(f'{name}.gif has {size} bytes, the limit is {limit}')


def scale():
    "A signal on its way through fifty layers, while the scale of the weights sweeps through the right one."
    scales = [0.1*2**t for t in np.linspace(-0.75, 0.75, 31)]
    def frame(s):
        fig,ax = plt.subplots(figsize=(6, 3.6), layout='constrained')
        plot_scale(ax, scale=s)
        return as_image(fig)
    frames = [frame(s) for s in scales]
    middle = len(frames)//2
    # There and back, to end at the scale that is right.
    save('07_scale', frames[middle::-1] + frames + frames[-2:middle-1:-1], (8, middle + 1 + middle, middle + 1 + 23))


def lsuv():
    "LSUV through the lesson's net: one measurement and one correction at a time."
    set_seed(4)
    x,y = next(iter(DataLoaders.in_memory(fashion_mnist(sample=True), 1024).train))
    xb = (x - x.mean())/x.std()
    model = get_model(act=partial(GeneralRelu, leak=0.1, sub=0.4))
    pairs = [(m[0], m[1]) for m in model if isinstance(m, nn.Sequential) and len(m)==2]
    frames = []
    def look(current, what):
        "Draw what each activation outputs now; mean and std of the current one."
        outs = {}
        with torch.no_grad(), Hooks([a for _,a in pairs], lambda hook,m,i,o: outs.__setitem__(m, o)): model(xb)
        fig = plt.figure(figsize=(9, 4.4), layout='constrained')
        upper,lower = fig.subfigures(2, 1)
        axs,below = upper.subplots(1, len(pairs)), lower.subplots(1, 2)
        stats = [(outs[a].mean().item(), outs[a].std().item()) for _,a in pairs]
        for i,((_,a),ax) in enumerate(zip(pairs, axs)):
            ax.hist(outs[a].flatten().numpy(), bins=np.linspace(-3, 3, 61), density=True, color='C1' if i==current else 'C0')
            ax.axvline(0, color='k', ls='--', lw=0.8)
            ax.set(xlim=(-3, 3), ylim=(0, 3), yticks=[], xlabel='activation', title=f'layer {i+1}: {stats[i][0]:.2f}, {stats[i][1]:.2f}')
        for ax,k,label in zip(below, (0, 1), ('mean', 'standard deviation')):
            ax.bar(range(1, 1 + len(pairs)), [s[k] for s in stats], color=['C1' if i==current else 'C0' for i in range(len(pairs))])
            ax.axhline(k, color='k', ls='--', lw=0.8)
            ax.set(xlabel='layer', ylabel=label, ylim=((-0.6, 0.6), (0, 1.5))[k], xticks=range(1, 1 + len(pairs)))
        fig.suptitle(what)
        frames.append(as_image(fig))
        return stats[current] if current is not None else None
    look(None, "PyTorch's default initialization: mean and standard deviation of each layer above its histogram"); moments = [0]
    for i,(conv,_) in enumerate(pairs):
        for step in range(30):
            mean,std = look(i, f'layer {i+1}, after {step} steps')
            if abs(mean) < 0.01 and abs(std - 1) < 0.01: break
            with torch.no_grad(): conv.bias -= mean; conv.weight /= std
        if i in (0, 1): moments.append(len(frames) - 1)
    look(None, 'every layer starts at mean 0 and standard deviation 1'); moments.append(len(frames) - 1)
    save('10_lsuv', frames, moments, ms=350)


def start():
    "The same training from a bad and from a good initialization: histograms of what each layer outputs, batch by batch, and the loss."
    dls = DataLoaders.in_memory(fashion_mnist(), 512)
    x = dls.train.x[:10_000].float()/255
    mean,std = x.mean(), x.std()
    good_act = partial(GeneralRelu, leak=0.1, sub=0.4)
    runs = {}
    for name,act in (("PyTorch's default", nn.ReLU), ('LSUV, normalized input', good_act)):
        set_seed(3)
        model,cbs = get_model(act=act), []
        if act is good_act:
            lsuv_(model, (x[:1024] - mean)/std, on='act', head=True)
            cbs = [BatchTransformCB(normalizer(mean, std))]
        stats,losses = ActivationStats(mod_filter=(nn.ReLU, GeneralRelu)), LossesCB()
        try: MomentumLearner(model, dls, F.cross_entropy, lr=0.05, cbs=[*cbs, stats, losses]).fit(2, valid=False)
        except FloatingPointError: pass
        runs[name] = stats, losses.values()
        print(f'{name}: loss of the last 20 batches {runs[name][1][-20:].mean():.3f}')
    n = min(len(l) for _,l in runs.values())
    def frame(t):
        fig,axs = plt.subplots(5, 2, figsize=(7, 6.4), sharex=True, layout='constrained', height_ratios=[1]*4 + [1.3])
        for j,(name,(stats,losses)) in enumerate(runs.items()):
            for i,h in enumerate(stats):
                counts = np.log1p(np.asarray(h.hist(-1, 4, 50)[0])[:,:n].astype(float))
                counts[:,t:] = np.nan
                axs[i,j].imshow(counts, origin='lower', aspect='auto', extent=(0, n, -1, 4), cmap='viridis', vmin=0, vmax=np.log1p(4096))
                if j==0: axs[i,j].set_ylabel(f'layer {i+1}')
            axs[4,j].plot(losses[:t], lw=1)
            axs[4,j].axhline(math.log(10), color='k', ls='--', lw=0.8, label='chance level: ln 10')
            axs[4,j].set(xlim=(0, n), ylim=(0, 3), xlabel='training batch')
            axs[0,j].set_title(name)
        axs[4,0].set_ylabel('loss'); axs[4,1].legend(loc='upper right')
        fig.suptitle('What each activation outputs (bright: many), batch by batch')
        return as_image(fig)
    times = [*range(6, n, max(1, n//32)), n]
    frames = [frame(t) for t in times]
    save('12_start', frames, (len(frames)//6, len(frames)//2, len(frames) - 1), ms=130)


def main():
    plt.style.use('miniai.course')
    makers = {'07_scale': scale, '10_lsuv': lsuv, '12_start': start}
    for name in sys.argv[1:] or makers: makers[name]()


if __name__ == '__main__': main()
