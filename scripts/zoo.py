"""Try `diagnose` and `lsuv_` on hundreds of architectures that other people wrote, each in its own initialization, where nothing should be wrong.

    pip install -e '.[zoo]'
    python scripts/zoo.py                       # all that nbs/results/zoo.csv lacks, one process for each; then what it comes to
    python scripts/zoo.py --only 'timm/resnet'  # those whose "library/name input" matches, again
    python scripts/zoo.py --noisy               # those again that miss a bar in the table as it is
    python scripts/zoo.py --summary             # only what the table comes to
    python scripts/zoo.py --since OLD.csv       # what is different from an older table

A row is an architecture on one kind of input: pictures (Fashion-MNIST, enlarged, normalized), noise, or token ids for text, with the loss that
the model itself returns and with cross-entropy. Weights are never downloaded. What the columns say is in `columns` below. A library that cannot
be imported is skipped with a line; so is an architecture that does not run by itself. The table says with which code it was made (`code`, a
digest of the package's files): rows of other code are made again, unless --any-code.
"""
import argparse
import csv
import gc
import gzip
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import math
import os
import random
import re
import select
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

os.environ['HF_HUB_OFFLINE'] = os.environ['TOKENIZERS_PARALLELISM'] = '1'
os.environ['OMP_NUM_THREADS'] = '1'  # a process with threads cannot be forked

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from miniai.diagnose import diagnose, lsuv_

root = Path(__file__).resolve().parent.parent
torch.set_num_threads(1)

columns = {
    'library': 'with its version', 'name': 'of the architecture, and how it was cut', 'input': 'what it was shown',
    'parameters': 'how many', 'step': 'seconds of one forward and backward pass', 'seconds': 'of `diagnose`',
    'verdict': 'healthy, info, warning, error; crash: `diagnose` raised; hang: it took longer than --limit',
    'errors': 'kinds of finding', 'warnings': 'the same', 'infos': 'the same',
    'changed': 'what of the model is different afterwards, by a comparison that is not ours', 'deterministic': 'the same findings twice?',
    'lsuv': 'true: every row that says so has std 1 (within 5 %) when measured by other hooks; untrue; refused: it said why, before it changed '
            'anything; raised: otherwise; hang',
    'lsuv_set': 'layers that it set', 'lsuv_layers': 'layers in its report', 'lsuv_note': 'what is untrue, or why it refused',
    'broken': 'faults planted that it named, of how many', 'missed': 'the others', 'named_by': 'fault: the kinds of finding that named it',
    'note': 'the first error or warning, or what was raised', 'code': 'digest of the package'}

# ---- What the models are shown

def fashion_mnist(n):
    "The first pictures of Fashion-MNIST's test set and their classes: n×1×28×28, normalized."
    places = [os.environ.get('FASHION_MNIST'), '/usr/share/datasets/fashion-mnist', '~/.cache/fashion-mnist']
    for folder in (Path(o).expanduser() for o in places if o):
        images, labels = (folder/f't10k-{o}.gz' for o in ('images-idx3-ubyte', 'labels-idx1-ubyte'))
        if images.exists() and labels.exists():
            x = np.frombuffer(gzip.decompress(images.read_bytes()), np.uint8, n*784, 16)
            y = np.frombuffer(gzip.decompress(labels.read_bytes()), np.uint8, n, 8)
            x = torch.tensor(x).view(n, 1, 28, 28).float()/255
            return (x - 0.2860)/0.3530, torch.tensor(y).long()
    from miniai.datasets import load_fashion_mnist  # what the course has, e.g. the sample that is shipped
    dd = load_fashion_mnist()['test'].with_format('torch')[:n]
    return (dd['image'].view(n, 1, 28, 28).float()/255 - 0.2860)/0.3530, dd['label'].long()

_images = None

def pictures(kind, px=64, n=16, channels=3):
    "A batch of `n` pictures of `px`×`px`, or of noise, and their classes."
    global _images
    if _images is None: _images = fashion_mnist(64)
    x, y = (o[:n] for o in _images)
    if kind=='noise': return torch.randn(n, channels, px, px), y
    x = F.interpolate(x, (px, px), mode='bilinear', align_corners=False)
    return x.expand(-1, channels, -1, -1).contiguous(), y

def tokens(n=16, length=32, vocab=1000):
    "Token ids whose frequencies fall like those of words (Zipf), from 5 on: below are special ones in most vocabularies."
    weights = 1/torch.arange(1, vocab - 4).float()
    return torch.multinomial(weights, n*length, replacement=True).view(n, length) + 5

class Trial(NamedTuple):
    "What `diagnose` is called with."
    model:nn.Module
    xb:object
    yb:object = None
    loss_func:Callable|None = None

class Case(NamedTuple):
    "An architecture: who makes it, its name, what it can be shown, and a function of that which returns a `Trial`."
    library:str
    name:str
    inputs:tuple
    make:Callable

cases:list[Case] = []

def add(library, name, inputs, make): cases.append(Case(library, name, inputs, make))

def parsed(line):
    "'resnet18 px=64 depth=2' → 'resnet18', {'px': 64, 'depth': 2}; values are Python's."
    name, *rest = line.split()
    return name, {k: eval(v) for k, v in (o.split('=', 1) for o in rest)}

def first_of(out):
    "The scores, whatever is around them."
    if isinstance(out, dict): out = out.get('logits', out.get('out', next(iter(out.values()))))
    return out[0] if isinstance(out, (tuple, list)) else out

def first_loss(out, yb): return F.cross_entropy(first_of(out), yb)

# ---- torchvision, timm

def add_lines(library, lines, make):
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, kw = parsed(line)
        cut = ' '.join(f'{k}={v}' for k, v in kw.items() if k not in ('px', 'n', 'img_size', 'image_size', 'scores'))
        add(library, f'{name} {cut}'.strip(), ('pictures', 'noise'),
            lambda kind, name=name, kw=kw: make(kind, name, **kw))

def torchvision_case(kind, name, px=64, n=16, scores=False, **kw):
    from torchvision import models
    if 'size' in kw: kw['image_size'] = px; kw.pop('size')
    model = models.get_model(name, weights=None, num_classes=10, **kw)
    return Trial(model, *pictures(kind, px, n), first_loss if scores else None)

add_lines('torchvision', """
    alexnet
    vgg11 px=32
    vgg11_bn px=32
    resnet18
    resnet34
    resnet50
    resnext50_32x4d
    densenet121
    googlenet scores=True init_weights=False
    inception_v3 px=96 init_weights=False aux_logits=False
    mobilenet_v2
    mobilenet_v3_small
    mnasnet0_5
    shufflenet_v2_x0_5
    squeezenet1_1
    efficientnet_b0
    regnet_x_400mf
    regnet_y_400mf
    convnext_tiny
    swin_t
    swin_v2_t
    vit_b_32 px=96 size=True
    maxvit_t px=64 input_size=(64,64) partition_size=2
""", torchvision_case)

def timm_case(kind, name, px=64, n=16, scores=False, **kw):
    import timm
    if kw.pop('sized', False): kw['img_size'] = px
    model = timm.create_model(name, pretrained=False, num_classes=10, **kw)
    return Trial(model, *pictures(kind, px, n), first_loss if scores else None)

add_lines('timm', """
    vit_tiny_patch16_224 sized=True depth=4
    deit3_small_patch16_224 sized=True depth=4
    beit_base_patch16_224 sized=True depth=2 embed_dim=192 num_heads=3
    cait_xxs24_224 sized=True depth=4
    convnext_atto
    efficientnet_lite0
    ghostnet_050
    mobilenetv4_conv_small_050
    dm_nfnet_f0 px=64
    nf_regnet_b0
    regnety_002
    resnetv2_18
    resnest14d
    skresnet18
    cspdarknet53
    mixer_s32_224 sized=True num_blocks=4
    resmlp_12_224 sized=True num_blocks=4
    gmlp_s16_224 sized=True num_blocks=4
    poolformer_s12
    mambaout_femto
    hiera_tiny_224 px=96 sized=True
    levit_128s px=96 sized=True
    xcit_nano_12_p16_224 px=96 sized=True depth=4
    coat_lite_tiny sized=True
    volo_d1_224 px=96 sized=True
    repvgg_a0
""", timm_case)

# ---- transformers

small = dict(
    hidden_size=128, n_embd=128, d_model=128, dim=128, emb_dim=128, embed_dim=128, word_embed_proj_dim=128, embedding_size=128,
    num_hidden_layers=3, n_layer=3, n_layers=3, num_layers=3, encoder_layers=2, decoder_layers=2, num_decoder_layers=2, num_encoder_layers=2,
    num_attention_heads=4, n_head=4, n_heads=4, num_heads=4, encoder_attention_heads=4, decoder_attention_heads=4, num_key_value_heads=2,
    intermediate_size=256, n_inner=256, hidden_dim=256, d_ff=256, ffn_dim=256, encoder_ffn_dim=256, decoder_ffn_dim=256, d_kv=32, head_dim=32,
    vocab_size=1000, max_position_embeddings=128, n_positions=128, n_ctx=128, num_labels=10, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    decoder_start_token_id=1, image_size=64, use_cache=False)

def hf_model(auto, kind, **kw):
    "A model of `transformers`, small; attributes that its configuration does not have are left out."
    import transformers
    empty = transformers.AutoConfig.for_model(kind)
    known = {k: v for k, v in small.items() if hasattr(empty, k) and not isinstance(getattr(empty, k), (list, tuple))}
    config = transformers.AutoConfig.for_model(kind, **{**known, **kw})
    return getattr(transformers, auto).from_config(config).float()

def text_case(kind, name, task='CausalLM', length=32, n=16, **kw):
    auto = {'CausalLM': 'AutoModelForCausalLM', 'MaskedLM': 'AutoModelForMaskedLM', 'Seq2SeqLM': 'AutoModelForSeq2SeqLM',
            'SequenceClassification': 'AutoModelForSequenceClassification'}[task]
    model = hf_model(auto, name, **kw)
    ids = tokens(n, length)
    xb = dict(input_ids=ids)
    if task=='SequenceClassification': labels = torch.arange(n) % 10
    elif task=='MaskedLM':
        masked = torch.rand(ids.shape) < 0.15
        labels, xb['input_ids'] = ids.masked_fill(~masked, -100), ids.masked_fill(masked, 4)
    else: labels = ids
    if task=='Seq2SeqLM': xb['decoder_input_ids'] = ids.roll(1, 1)
    if kind=='own loss':
        if task=='Seq2SeqLM': del xb['decoder_input_ids']
        return Trial(model, {**xb, 'labels': labels})
    yb = ids.roll(-1, 1) if task=='CausalLM' else labels
    return Trial(model, xb, yb, scores_of_tokens)

def scores_of_tokens(out, yb):
    scores = out.logits if hasattr(out, 'logits') else out
    return F.cross_entropy(scores.flatten(0, -2), yb.flatten())

def add_text(lines, task):
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, kw = parsed(line)
        add('transformers', f'{name} {task}', ('own loss', 'cross-entropy'),
            lambda kind, name=name, kw=kw, task=task: text_case(kind, name, task, **kw))

add_text("""
    gpt2
    gpt_neox
    llama
    mistral
    qwen2
    opt
    bloom
    mamba
    gemma
    phi
""", 'CausalLM')
add_text("""
    bert
    roberta
    distilbert
    electra
    albert
""", 'MaskedLM')
add_text("""
    t5
    bart
""", 'Seq2SeqLM')

# ---- One architecture

def state_of(model):
    "All that must be as it was: copies, so that nothing can be the same by being the same tensor."
    def copy(t): return None if t is None else t.detach().clone()
    modules = list(model.named_modules())
    held = {f'{n}.{k}': v for n, m in modules for k, v in vars(m).items() if isinstance(v, (bool, int, float, str, torch.Tensor))}
    return {
        'weights': {n: copy(p) for n, p in model.named_parameters()}, 'buffers': {n: copy(b) for n, b in model.named_buffers()},
        'grads': {n: copy(p.grad) for n, p in model.named_parameters()}, 'modes': [m.training for _, m in modules],
        'requires_grad': [p.requires_grad for p in model.parameters()], 'modules': [n for n, _ in modules],
        'hooks': [[len(v) for k, v in vars(m).items() if k.endswith('_hooks') or k.endswith('_pre_hooks')] for _, m in modules],
        'identity': [id(p) for p in (*model.parameters(), *model.buffers())],
        'attributes': {k: copy(v) if isinstance(v, torch.Tensor) else v for k, v in held.items()},
        'random': [random.getstate(), torch.get_rng_state(), np.random.get_state()]}

def same(a, b):
    "Are two states the same, bit by bit?"
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        if a.shape != b.shape or a.dtype != b.dtype or a.layout != b.layout: return False
        if a.layout != torch.strided: a, b = a.to_dense(), b.to_dense()
        return torch.equal(a, b) or (a.is_floating_point() and bool(((a==b) | (a.isnan() & b.isnan())).all()))
    if isinstance(a, np.ndarray): return np.array_equal(a, b)
    if isinstance(a, dict): return a.keys()==b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)): return type(a) is type(b) and len(a)==len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a==b or a!=a)

def different(before, after): return [k for k in before if not same(before[k], after[k])]

def loss_of(trial):
    "The loss of a model on its batch, as a training step would have it."
    out = trial.model(**trial.xb) if isinstance(trial.xb, dict) else (
        trial.model(*trial.xb) if isinstance(trial.xb, tuple) else trial.model(trial.xb))
    if trial.loss_func is not None: return trial.loss_func(out, trial.yb)
    if trial.yb is not None: return F.cross_entropy(out, trial.yb)
    return out.loss if hasattr(out, 'loss') else out['loss'] if isinstance(out, dict) else out

def tried_alone(trial):
    "Seconds of a training step without us. Afterwards the buffers are as they were, and the gradients lie there."
    buffers = {n: b.clone() for n, b in trial.model.named_buffers()}
    began = time.perf_counter()
    loss = loss_of(trial)
    loss.backward()
    took = time.perf_counter() - began
    with torch.no_grad():
        for n, b in trial.model.named_buffers(): b.copy_(buffers[n])
    if not math.isfinite(loss.item()): raise ValueError(f'its own loss is {loss.item()}')
    return took

def findings_of(trial):
    report = diagnose(trial.model, trial.xb, trial.yb, trial.loss_func)
    return report.findings

def kinds(findings, severity): return sorted({o.kind for o in findings if o.severity==severity})

def as_text(findings): return [(o.severity, o.kind, tuple(o.layers), o.evidence) for o in findings]

def look(trial, say):
    "What `diagnose` says, twice, and whether it left the model alone."
    before = state_of(trial.model)
    began = time.perf_counter()
    found = findings_of(trial)
    took = time.perf_counter() - began
    changed = different(before, state_of(trial.model))
    by = {o: kinds(found, o) for o in ('error', 'warning', 'info')}
    verdict = next((o for o in by if by[o]), 'healthy')
    worst = next((o for s in by for o in found if o.severity==s and s != 'info'), None)
    say(verdict=verdict, seconds=round(took, 2), errors='; '.join(by['error']), warnings='; '.join(by['warning']),
        infos='; '.join(by['info']), changed='; '.join(changed), note=' '.join(str(worst).split())[:600] if worst else '',
        findings=[' '.join(str(o).split()) for o in found])
    again = findings_of(trial)
    changed += [o for o in different(before, state_of(trial.model)) if o not in changed]
    say(deterministic='yes' if as_text(found)==as_text(again) else 'no', changed='; '.join(changed))
    return found

@contextmanager
def nothing_dropped(model):
    "Everything in eval mode but norm layers with running averages: dropout and dropped branches are off, batch statistics are used."
    was = [(m, m.training) for m in model.modules()]
    for m, _ in was: m.training = getattr(m, 'running_mean', None) is not None
    try: yield
    finally:
        for m, mode in was: m.training = mode

def run_alone(trial):
    x = trial.xb
    with torch.no_grad(): return trial.model(**x) if isinstance(x, dict) else trial.model(*x) if isinstance(x, tuple) else trial.model(x)

def first_tensor(out):
    if isinstance(out, torch.Tensor): return out
    if isinstance(out, dict): out = list(out.values())
    if isinstance(out, (tuple, list)): return next((t for t in map(first_tensor, out) if t is not None), None)

def measured(trial, names):
    "The std of the first output of each of these modules, by hooks of our own."
    stds, handles, modules = {}, [], dict(trial.model.named_modules())
    for n in names:
        def hook(m, args, out, n=n):
            t = first_tensor(out)
            if n not in stds and t is not None: stds[n] = t.detach().float().std().item()
        handles.append(modules['' if n=='(model)' else n].register_forward_hook(hook))
    try:
        with nothing_dropped(trial.model): run_alone(trial)
    finally:
        for h in handles: h.remove()
    return stds

def try_lsuv(trial, say):
    "Is what `lsuv_` says it did true?"
    before = state_of(trial.model)
    try: rows = lsuv_(trial.model, trial.xb)
    except Exception as e:
        changed = different(before, state_of(trial.model))
        kind = 'changed' if changed else 'refused' if isinstance(e, (ValueError, TypeError)) else 'raised'
        return say(lsuv=kind, lsuv_note=' '.join(f'{type(e).__name__}: {e} {changed or ""}'.split())[:400],
                   traceback=traceback.format_exc()[-3000:])
    changed = [k for k in different(before, state_of(trial.model)) if k not in ('weights', 'grads')]
    done = [r for r in rows if r['on']]
    stds = measured(trial, [r['layer'] for r in done])
    untrue = [f"{r['layer']}: says {r['std']:.3g}, is {stds.get(r['layer'], math.nan):.3g}" for r in done
              if not abs(stds.get(r['layer'], math.nan) - 1) <= 0.05]
    kind = 'changed' if changed else 'untrue' if untrue else 'true'
    say(lsuv=kind, lsuv_set=len(done), lsuv_layers=len(rows), lsuv_note='; '.join(changed + untrue)[:400],
        lsuv_rows=[f"{r['layer']}: {r['note']}" for r in rows if not r['on']])

# ---- Broken on purpose

def matrices(model):
    "The parameters of two and more dimensions, each once, with their names; embeddings of tokens and positions are left out."
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    return {n: p for n, p in model.named_parameters() if p.ndim >= 2 and p.numel() >= 64 and min(p.shape[:2]) > 1 and id(p) not in tables}

@torch.no_grad()
def times_30(model):
    for p in matrices(model).values(): p.mul_(30)

@torch.no_grad()
def over_30(model):
    for p in matrices(model).values(): p.div_(30)

@torch.no_grad()
def constant(model):
    for p in matrices(model).values(): p.fill_(0.01)

@torch.no_grad()
def one_zeroed(model): list(matrices(model).values())[0].zero_()

def frozen(model):
    for p in model.parameters(): p.requires_grad_(False)

@torch.no_grad()
def one_nan(model):
    found = list(matrices(model).values())
    found[len(found)//2].flatten()[0] = math.nan
    found[len(found)//2].view(-1)[0] = math.nan

faults = {'x30': times_30, '/30': over_30, 'constant': constant, 'zeroed': one_zeroed, 'frozen': frozen, 'nan': one_nan}

def try_broken(case, kind, healthy, say):
    "Which planted faults are named, by a warning or an error that the healthy model does not have."
    known = {(o.kind, o.severity) for o in healthy if o.severity != 'info'}
    named, missed = {}, []
    for name, fault in faults.items():
        trial = seeded(case, kind)
        fault(trial.model)
        try: found = findings_of(trial)
        except Exception as e:
            named[name] = [f'raised {type(e).__name__}: {e}'[:200]]
            if not isinstance(e, (ValueError, RuntimeError)): missed.append(name)
            continue
        new = sorted({o.kind for o in found if o.severity != 'info' and (o.kind, o.severity) not in known})
        if new: named[name] = new
        else: missed.append(name)
        say(broken=f'{len(named)}/{len(named) + len(missed)}', missed='; '.join(missed),
            named_by='; '.join(f'{k}: {", ".join(v)}' for k, v in named.items()))

def seeded(case, kind):
    random.seed(0); np.random.seed(0); torch.manual_seed(0)
    return case.make(kind)

def study(case, kind, say, broken):
    "Everything about one architecture on one input, told piece by piece: what is said last is where it hangs."
    warnings.simplefilter('ignore')
    trial = seeded(case, kind)
    trial.model.train()
    say(parameters=sum(p.numel() for p in trial.model.parameters()))
    say(step=round(tried_alone(trial), 2))
    say(stage='diagnose', verdict='hang')
    try: found = look(trial, say)
    except Exception as e:
        return say(verdict='crash', note=' '.join(f'{type(e).__name__}: {e}'.split())[:600], traceback=traceback.format_exc()[-3000:], stage='end')
    if kind not in ('noise', 'cross-entropy'):
        say(stage='lsuv', lsuv='hang')
        try_lsuv(trial, say)
        say(stage='broken')
        if broken: try_broken(case, kind, found, say)
    say(stage='end')

# ---- Many of them

def in_child(case, kind, limit, broken):
    "`study` in a process of its own: what it said until it ended, or until the limit."
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read)
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2); os.dup2(2, 1)
            with os.fdopen(write, 'w') as f:
                def say(**kw): f.write(json.dumps(kw) + '\n'); f.flush()
                try: study(case, kind, say, broken)
                except BaseException as e: say(unusable=' '.join(f'{type(e).__name__}: {e}'.split())[:300], traceback=traceback.format_exc()[-3000:])
            code = 0
        finally: os._exit(code)
    os.close(write)
    said, until = b'', time.monotonic() + limit
    while (left := until - time.monotonic()) > 0:
        if not select.select([read], [], [], left)[0]: break
        piece = os.read(read, 2**16)
        if not piece: break
        said += piece
    os.close(read)
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    out = {}
    for line in said.split(b'\n')[:-1]: out.update(json.loads(line))
    if out.get('stage') not in ('end', None) and left > 0: out['died'] = status
    return out

shared_cases = """nms qnms roi_align roi_pool ps_roi_align ps_roi_pool deform_conv2d _roi_align_backward _roi_pool_backward _ps_roi_align_backward
    _ps_roi_pool_backward _deform_conv2d_backward""".split()

def import_library(name):
    "Its version; `None`, with a line, if it cannot be imported. torchvision's compiled operators may be missing: nothing here uses them."
    try:
        if importlib.util.find_spec('torchvision'): without_compiled_operators()
        importlib.import_module(name.replace('-', '_'))
        return importlib.metadata.version(name)
    except Exception as e:
        print(f'{name} is skipped: {type(e).__name__}: {e}'[:200])

_library = []  # a definition lives as long as the object that made it

def without_compiled_operators():
    "Declare torchvision's operators if its compiled part does not fit this torch, so that it can be imported."
    if 'torchvision' in sys.modules: return
    try: return importlib.import_module('torchvision')
    except RuntimeError:
        for k in [k for k in sys.modules if k.split('.')[0]=='torchvision']: del sys.modules[k]
    _library.append(torch.library.Library('torchvision', 'FRAGMENT'))
    for o in shared_cases:
        try: _library[0].define(f'{o}(Tensor x) -> Tensor')
        except RuntimeError: pass  # it is there

def digest():
    "Of the files of the package that decide: eight letters."
    h = hashlib.sha256()
    for o in sorted((root/'miniai').glob('*.py')):
        if o.name != '_modidx.py': h.update(o.read_bytes())
    return h.hexdigest()[:8]

def load(path):
    if not path.exists(): return {}
    with path.open(newline='') as f: return {(r['library'].split()[0], r['name'], r['input']): r for r in csv.DictReader(f)}

def save(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w', newline='') as f:
        out = csv.DictWriter(f, list(columns), extrasaction='ignore', lineterminator='\n')
        out.writeheader()
        out.writerows(rows[k] for k in sorted(rows))

def is_noisy(r):
    return (r['verdict'] in ('error', 'warning', 'crash', 'hang') or r['changed'] or r['deterministic'] == 'no'
            or r['lsuv'] not in ('', 'true', 'refused') or r['missed'])

def todo(args, rows, code):
    "The cases that are to be run: each with its input."
    for i, c in enumerate(cases):
        for kind in c.inputs:
            r = rows.get((c.library, c.name, kind))
            if args.only and not re.search(args.only, f'{c.library}/{c.name} {kind}'): continue
            if args.noisy and not (r and is_noisy(r)): continue
            if r and not (args.only or args.noisy) and (args.any_code or r['code']==code): continue
            yield i, c, kind

def run_all(args):
    rows, code, versions = load(args.out), digest(), {}
    wanted = list(todo(args, rows, code))
    began = time.monotonic()
    for at, (i, c, kind) in enumerate(wanted, 1):
        if c.library not in versions:
            versions[c.library] = import_library(c.library)
            gc.collect(); gc.freeze()
        if versions[c.library] is None: continue
        broken = i % args.every==0
        t = time.monotonic()
        got = in_child(c, kind, args.limit, broken)
        took = time.monotonic() - t
        head = f'{at}/{len(wanted)} {took:5.1f} s {c.library}/{c.name} {kind}'
        if 'verdict' not in got:
            print(f"{head}: skipped, {got.get('unusable', 'it did not end')}", flush=True)
            continue
        if 'died' in got: got['note'] = f"the process died: {got['died']}"; got['verdict'] = 'crash'
        row = {k: '' for k in columns} | {k: v for k, v in got.items() if k in columns}
        row |= dict(library=f'{c.library} {versions[c.library]}', name=c.name, input=kind, code=code)
        rows[c.library, c.name, kind] = row
        save(args.out, rows)
        if args.log:
            with args.log.open('a') as f: f.write(json.dumps({**row, **got, 'library': c.library}) + '\n')
        print(f"{head}: {row['verdict']} {row['errors'] and '!! ' + row['errors']} {row['warnings']} {row['changed'] and 'CHANGED ' + row['changed']}"
              f" | lsuv {row['lsuv']} {row['lsuv_set']}/{row['lsuv_layers']} | {row['broken']} {row['missed']}", flush=True)
    print(f'{time.monotonic() - began:.0f} s')
    return rows

# ---- What it comes to

def fraction(part, of): return f'{len(part)} of {len(of)}' + (f' ({len(part)/len(of):.1%})' if of else '')

def summary(rows):
    "The counts against the bars."
    rows = list(rows.values())
    names = {(r['library'].split()[0], r['name']) for r in rows}
    ran = [r for r in rows if r['verdict'] not in ('crash', 'hang')]
    def among(test, of=rows): return [r for r in of if test(r)]
    lsuv = among(lambda r: r['lsuv'])
    tried = [tuple(map(int, r['broken'].split('/'))) for r in rows if r['broken']]
    named, planted = (sum(o[i] for o in tried) for i in (0, 1))
    refused = among(lambda r: r['lsuv']=='refused', lsuv)
    bars = [
        ('crashes', among(lambda r: r['verdict']=='crash'), rows, '0', lambda f: f==0),
        ('hangs', among(lambda r: 'hang' in (r['verdict'], r['lsuv'])), rows, '0', lambda f: f==0),
        ('models changed', among(lambda r: r['changed'] or r['lsuv']=='changed'), rows, '0', lambda f: f==0),
        ('another verdict the second time', among(lambda r: r['deterministic']=='no'), ran, '0', lambda f: f==0),
        ('errors', among(lambda r: r['verdict']=='error'), ran, '≤ 1 %', lambda f: f <= 0.01),
        ('warnings', among(lambda r: r['verdict']=='warning'), ran, '≤ 8 %', lambda f: f <= 0.08),
        ('lsuv_ set and true', among(lambda r: r['lsuv']=='true', lsuv), lsuv, '≥ 95 %', lambda f: f >= 0.95),
        ('lsuv_ neither true nor refused', among(lambda r: r['lsuv'] not in ('true', 'refused'), lsuv), lsuv, '0', lambda f: f==0)]
    libraries = Counter(n[0] for n in names)
    print(f"{len(names)} architectures ({', '.join(f'{k} {v}' for k, v in libraries.most_common())}), {len(rows)} rows, "
          f"code {', '.join(f'{k} ({v})' for k, v in Counter(r['code'] for r in rows).most_common(3))}")
    for what, part, of, bar, ok in bars:
        print(f"{'  ok' if of and ok(len(part)/len(of)) else 'MISS'}  {what}: {fraction(part, of)}, bar {bar}")
    if planted: print(f"{'  ok' if named/planted >= 0.95 else 'MISS'}  broken on purpose, named: {named} of {planted} ({named/planted:.1%}), bar ≥ 95 %")
    print(f'      lsuv_ refused: {fraction(refused, lsuv)}')
    for what in ('errors', 'warnings', 'missed'):
        count = Counter(k for r in rows for k in r[what].split('; ') if k)
        print(f"{what}: {', '.join(f'{k} {v}' for k, v in count.most_common())}")

def since(rows, old):
    "What is different from an older table."
    for k in sorted(rows.keys() & old.keys()):
        pairs = {c: (old[k][c], rows[k][c]) for c in ('verdict', 'errors', 'warnings', 'changed', 'lsuv', 'missed') if old[k][c] != rows[k][c]}
        if pairs: print('/'.join(k), *[f'{c}: {a or "-"} → {b or "-"}' for c, (a, b) in pairs.items()], sep=' | ')

if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=root/'nbs/results/zoo.csv')
    parser.add_argument('--log', type=Path, help='JSON lines with all findings and tracebacks')
    parser.add_argument('--only', help='regular expression')
    parser.add_argument('--noisy', action='store_true')
    parser.add_argument('--any-code', action='store_true', help='rows that other code made are good enough')
    parser.add_argument('--every', type=int, default=5, help='break each so-manieth architecture on purpose')
    parser.add_argument('--limit', type=float, default=60, help='seconds for one architecture on one input')
    parser.add_argument('--summary', action='store_true')
    parser.add_argument('--since', type=Path)
    args = parser.parse_args()
    found = load(args.out) if args.summary or args.since else run_all(args)
    if args.since: since(found, load(args.since))
    else: summary(found)
