"""Try `diagnose` and `lsuv_` on hundreds of architectures that other people wrote, each in its own initialization, where nothing should be wrong.

    pip install -e '.[zoo]'
    python scripts/zoo.py                       # all that nbs/results/zoo.csv lacks, one process for each; then what it comes to
    python scripts/zoo.py --only 'timm/resnet'  # those whose "library/name input" matches, again
    python scripts/zoo.py --noisy               # those again that miss a bar in the table as it is
    python scripts/zoo.py --quick --out X.csv   # while the code changes: look once, plant no faults; half the time
    python scripts/zoo.py --jobs 2 --log X.json # two at a time; all findings and tracebacks go to the log, a line of JSON each
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
import resource
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
    'broken': 'faults planted that it named, of how many', 'missed': 'the others',
    'harmless': 'planted, not named, and the loss falls as far as without it (20 steps of AdamW, the better of two rates): not counted',
    'named_by': 'fault: the kinds of finding that named it',
    'note': 'the first error or warning, or what was raised', 'code': 'digest of the package'}

# ---- What the models are shown

def first_images(n):
    "The first pictures of Fashion-MNIST's test set and their classes: n×1×28×28, normalized."
    places = [os.environ.get('FASHION_MNIST'), '/usr/share/datasets/fashion-mnist', '~/.cache/fashion-mnist']
    for folder in (Path(o).expanduser() for o in places if o):
        images, labels = (folder/f't10k-{o}.gz' for o in ('images-idx3-ubyte', 'labels-idx1-ubyte'))
        if images.exists() and labels.exists():
            x = np.frombuffer(gzip.decompress(images.read_bytes()), np.uint8, n*784, 16)
            y = np.frombuffer(gzip.decompress(labels.read_bytes()), np.uint8, n, 8)
            x = torch.tensor(x).view(n, 1, 28, 28).float()/255
            return (x - 0.2860)/0.3530, torch.tensor(y).long()
    from miniai import sources  # wherever the course finds it, be it the shipped sample
    dd = sources.fashion_mnist()['test'].with_format('torch')[:n]
    return (dd['image'].float()/255 - 0.2860)/0.3530, dd['label'].long()

_images = None

def pictures(kind, px=64, n=16, channels=3):
    "A batch of `n` pictures of `px`×`px`, or of noise, and their classes."
    global _images
    if _images is None: _images = first_images(64)
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
    return name, {k: Later(v) if '.' in v and v.strip('[(')[0].isalpha() and not v.startswith('torch.') else eval(v) for k, v in (o.split('=', 1) for o in rest)}

class Later(str):
    "An expression in names of a library that is not imported yet."

def evaluated(v, names): return eval(v, names) if isinstance(v, Later) else v

def first_of(out):
    "The scores, whatever is around them."
    if isinstance(out, dict): out = out.get('logits', out.get('out', next(iter(out.values()))))
    return out[0] if isinstance(out, (tuple, list)) else out

def first_loss(out, yb): return F.cross_entropy(first_of(out), yb)

# ---- torchvision, timm

unnamed = 'px', 'n', 'size', 'scores', 'task', 'weights_backbone', 'conv_makers', 'block_setting'  # what a row's name leaves out

def add_lines(library, lines, make):
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, kw = parsed(line)
        cut = ' '.join(f"{k}={v.split('.')[-1] if isinstance(v, Later) else v}" for k, v in kw.items() if k not in unnamed)
        add(library, f'{name} {cut}'.strip(), ('pictures', 'noise'),
            lambda kind, name=name, kw=kw: make(kind, name, **kw))

def torchvision_case(kind, name, px=64, n=16, scores=False, task='', **kw):
    from torchvision import models
    if 'size' in kw: kw['image_size'] = px; kw.pop('size')
    if name[0].isupper():
        parts = dict(vars(models))
        model = getattr(models, name, getattr(models.video.resnet, name, None))(num_classes=10, **{k: evaluated(v, parts) for k, v in kw.items()})
    else: model = models.get_model(name, weights=None, num_classes=10, **kw)
    x, y = pictures(kind, px, n)
    if task=='segmentation':  # the class of each pixel: background is class 0
        classes = torch.where(x[:, 0] > 0, y[:, None, None], 0)
        return Trial(model, x, classes, first_loss)
    if task=='video': x = torch.stack([x.roll(i, -1) for i in range(8)], 2)  # it moves to the right
    return Trial(model, x, y, first_loss if scores else None)

# The smallest of each family; `depths` and the like cut them further, so that a row takes a second or two.
add_lines('torchvision', """
    resnet18
    densenet121
    googlenet scores=True init_weights=False
    googlenet scores=True init_weights=True
    mobilenet_v2
    mobilenet_v3_small
    mnasnet0_5
    shufflenet_v2_x0_5
    shufflenet_v2_x1_0
    squeezenet1_1
    efficientnet_b0
    regnet_x_400mf
    regnet_y_400mf
    lraspp_mobilenet_v3_large task='segmentation' weights_backbone=None
    ResNet block=resnet.Bottleneck layers=[1,1,1,1]
    ResNet block=resnet.Bottleneck layers=[1,1,1,1] groups=8 width_per_group=8 zero_init_residual=True
    SwinTransformer patch_size=[4,4] embed_dim=96 depths=[1,1,2] num_heads=[3,6,12] window_size=[4,4] stochastic_depth_prob=0.2
    SwinTransformer patch_size=[4,4] embed_dim=64 depths=[2,2] num_heads=[2,4] window_size=[4,4] block=swin_transformer.SwinTransformerBlockV2 downsample_layer=swin_transformer.PatchMergingV2
    VisionTransformer image_size=64 patch_size=16 num_layers=4 num_heads=4 hidden_dim=128 mlp_dim=512
    ConvNeXt block_setting=[convnext.CNBlockConfig(64,96,1),convnext.CNBlockConfig(96,192,2),convnext.CNBlockConfig(192,None,1)] stochastic_depth_prob=0.1
    VideoResNet task='video' px=32 n=8 block=video.resnet.BasicBlock conv_makers=[video.resnet.Conv3DSimple]*4 layers=[1,1,1,1] stem=video.resnet.BasicStem
    VideoResNet task='video' px=32 n=8 block=video.resnet.BasicBlock conv_makers=[video.resnet.Conv2Plus1D]*4 layers=[1,1,1,1] stem=video.resnet.R2Plus1dStem
""", torchvision_case)

def timm_case(kind, name, px=64, n=16, **kw):
    import timm
    def model(**more): return timm.create_model(name, pretrained=False, num_classes=10, **kw, **more)
    try: net = model(img_size=px)
    except TypeError: net = model()  # most convolutional nets accept any size
    return Trial(net, *pictures(kind, px, n), first_loss)

add_lines('timm', """
    beit_base_patch16_224 depth=3 embed_dim=192 num_heads=3
    beitv2_base_patch16_224 depth=3 embed_dim=192 num_heads=3
    eca_halonext26ts px=128 n=8
    lambda_resnet26t
    bat_resnext26ts
    gcresnext26ts
    gernet_s
    mobileone_s0
    regnetz_b16
    repvgg_a0
    seresnext26ts
    cait_xxs24_224 depth=4
    coat_lite_tiny
    coat_tiny
    convit_tiny depth=4
    convnext_atto
    convnext_zepto_rms
    convnextv2_atto
    cpubone_nano
    csatv2 px=128 n=8
    cs3darknet_s
    cspdarknet53
    cspresnet50
    sedarknet21
    cspnext_tiny
    davit_tiny depths=(1,1,1,1)
    deit3_small_patch16_224 depth=4
    deit_tiny_distilled_patch16_224 depth=4
    densenetblur121d
    dla46_c
    dpn48b
    edgenext_xx_small
    efficientformerv2_s0
    efficientnet_lite0
    efficientnet_b0_gn
    efficientnet_b0_g16_evos
    efficientnet_cc_b0_4e
    efficientnet_es
    fbnetc_100
    mixnet_s
    mnasnet_small
    mobilenet_edgetpu_v2_xs
    mobilenetv1_100
    mobilenetv2_050
    semnasnet_050
    spnasnet_100
    tf_efficientnetv2_b0
    tinynet_e
    efficientvim_m1
    efficientvit_b0
    efficientvit_m0
    eva02_tiny_patch14_224 px=56 depth=4
    vit_base_patch16_rope_224 depth=3 embed_dim=192 num_heads=3
    vit_base_patch16_dinov3 depth=3 embed_dim=192 num_heads=3
    vit_pe_core_tiny_patch16_384 depth=4
    fasternet_t0
    fastvit_t8
    fastvit_sa12
    focalnet_tiny_srf depths=(1,1,2,1)
    gcvit_xxtiny
    ghostnet_050
    ghostnetv2_100
    ghostnetv3_050
    hardcorenas_a
    hgnet_tiny
    hgnetv2_b0
    hiera_tiny_224 px=96 n=8
    iformer_t
    inception_next_atto
    lcnetv2_small
    levit_128s px=96
    levit_conv_128s px=96
    lowformer_b0
    mambaout_femto
    coatnet_nano_rw_224
    coatnet_rmlp_nano_rw_224
    maxvit_pico_rw_256
    maxxvit_rmlp_nano_rw_256
    caformer_s18
    convformer_s18
    poolformer_s12
    poolformerv2_s12
    gmixer_12_224
    gmlp_ti16_224
    mixer_s32_224
    resmlp_12_224
    fbnetv3_b
    lcnet_050
    mobilenetv3_small_050
    mobilenetv4_conv_small_050
    mobilenetv4_hybrid_medium_075
    tf_mobilenetv3_small_minimal_100
    mobilevit_xxs
    mobilevitv2_050
    mvitv2_tiny depths=(1,1,2,1)
    nest_tiny px=96
    eca_nfnet_l0
    nf_regnet_b0
    nf_resnet26
    nfnet_l0
    pit_ti_224
    pvt_v2_b0
    pvt_v2_b2_li depths=(1,1,2,1)
    qwen3_vit_88m depth=3 embed_dim=192 num_heads=3
    regnetx_002
    regnety_002
    regnetz_005
    repghostnet_050
    repvit_m0_9
    res2net50_48w_2s
    resnest14d
    ecaresnext26t_32x4d
    resnet10t
    resnet18d
    resnet50_gn
    resnetaa34d
    resnetblur18
    resnetrs50
    seresnet18
    seresnextaa101d_32x8d layers=(1,1,1,1)
    resnetv2_18
    resnetv2_50d_evos layers=(1,1,1,1)
    resnetv2_50d_frn layers=(1,1,1,1)
    rexnet_100
    rexnetr_100
    legacy_seresnet18
    legacy_seresnext26_32x4d
    sequencer2d_s layers=(1,1,2,1)
    shvit_s1 px=128
    skresnet18 n=32
    starnet_s050
    swiftformer_xs
    swin_tiny_patch4_window7_224 depths=(1,1,2,1)
    swin_s3_tiny_224 depths=(1,1,2,1)
    swinv2_tiny_window8_256 depths=(2,2,2,2)
    swinv2_cr_tiny_ns_224 depths=(1,1,2,1)
    tiny_vit_5m_224
    tnt_s_patch16_224 depth=4
    twins_pcpvt_small depths=(1,1,2,1)
    twins_svt_small depths=(1,1,2,1)
    vgg11_bn px=32
    visformer_tiny
    vit_tiny_patch16_224 depth=4
    vit_tiny_patch16_224 depth=12
    vit_small_patch32_224 depth=4
    vit_base_patch16_siglip_224 depth=3 embed_dim=192 num_heads=3
    vit_base_patch16_clip_224 depth=3 embed_dim=192 num_heads=3
    vit_base_patch16_rpn_224 depth=3 embed_dim=192 num_heads=3
    vit_base_patch14_reg4_dinov2 px=56 depth=3 embed_dim=192 num_heads=3
    vit_base_patch16_18x2_224 depth=3 embed_dim=192 num_heads=3
    vit_little_patch16_reg4_gap_256 depth=3
    flexivit_small depth=3
    beit3_base_patch16_224 depth=3 embed_dim=192 num_heads=3
    aimv2_large_patch14_224 px=56 depth=3 embed_dim=192 num_heads=3
    naflexvit_base_patch16_gap depth=3 embed_dim=192 num_heads=3
    vit_tiny_r_s16_p8_224 depth=4
    vit_relpos_small_patch16_224 depth=4
    vit_srelpos_small_patch16_224 depth=4
    samvit_base_patch16_224 depth=3 embed_dim=192 num_heads=3 global_attn_indexes=(2,)
    vitamin_small_224
    volo_d1_224
    ese_vovnet19b_slim_dw
    xcit_nano_12_p16_224 px=96 depth=4
    xcit_tiny_12_p8_224 px=48 depth=4
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
    for k in ('pad_token_id', 'bos_token_id', 'eos_token_id', 'decoder_start_token_id'):
        if getattr(config, k, None) is None: setattr(config, k, small[k])
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
    gpt_neo attention_types=[[['global','local'],1]] num_layers=2 num_hidden_layers=2
    gpt_neox
    gptj rotary_dim=16
    gpt_bigcode
    codegen rotary_dim=16
    openai-gpt
    opt
    bloom
    falcon
    mpt n_layers=3
    ctrl dff=256
    llama
    mistral
    mixtral num_local_experts=4
    qwen2
    qwen2_moe num_experts=4 num_experts_per_tok=2 moe_intermediate_size=128 shared_expert_intermediate_size=128
    qwen3
    qwen3_moe num_experts=4 num_experts_per_tok=2 moe_intermediate_size=128
    qwen3_next num_experts=4 num_experts_per_tok=2 moe_intermediate_size=128 shared_expert_intermediate_size=128
    gemma
    gemma2
    gemma3_text
    phi
    phi3
    stablelm
    starcoder2
    cohere
    cohere2
    olmo
    olmo2
    olmo3
    olmoe num_experts=4 num_experts_per_tok=2
    granite
    granitemoe num_local_experts=4
    glm
    glm4
    nemotron
    persimmon
    helium
    smollm3
    exaone4
    seed_oss
    arcee
    apertus
    diffllama
    bitnet
    ernie4_5
    gpt_oss num_local_experts=4
    deepseek_v2 q_lora_rank=32 kv_lora_rank=32 qk_rope_head_dim=16 qk_nope_head_dim=16 v_head_dim=32 n_routed_experts=4 num_key_value_heads=4 n_group=1 topk_group=1 num_experts_per_tok=2 first_k_dense_replace=1 moe_intermediate_size=128
    jetmoe num_local_experts=4
    lfm2 full_attn_idxs=[1]
    mamba
    mamba2 num_heads=8 head_dim=32 n_groups=1 state_size=16
    falcon_mamba
    rwkv attention_hidden_size=128 context_length=64
    recurrent_gemma lru_width=128 attention_window_size=32
    xglm
    biogpt
    roformer is_decoder=True
    modernbert-decoder
    nanochat
""", 'CausalLM')
add_text("""
    bert
    roberta
    roberta-prelayernorm
    distilbert
    electra
    albert
    convbert
    deberta
    deberta-v2
    mpnet
    mobilebert intra_bottleneck_size=64 true_hidden_size=64
    squeezebert
    rembert input_embedding_size=64 output_embedding_size=64
    roformer
    nystromformer
    yoso
    fnet
    big_bird attention_type='original_full'
    longformer attention_window=16
    esm
    flaubert
    xlm
    megatron-bert
    modernbert
    ibert
    data2vec-text
    luke entity_vocab_size=10 entity_emb_size=64
""", 'MaskedLM')
add_text("""
    t5
    mt5
    umt5
    switch_transformers num_experts=4
    longt5
    bart
    mbart
    pegasus
    blenderbot
    marian
    m2m_100
    plbart
    fsmt src_vocab_size=1000 tgt_vocab_size=1000
    led attention_window=16
""", 'Seq2SeqLM')
add_text("""
    bert
    gpt2
    llama
    deberta-v2
""", 'SequenceClassification')

def hf_picture_case(kind, name, px=64, n=16, **kw):
    x, y = pictures(kind, px, n)
    model = hf_model('AutoModelForImageClassification', name, **{'image_size': px, **kw})
    return Trial(model, dict(pixel_values=x, labels=y))

def hf_lines(lines, make, what, inputs):
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, kw = parsed(line)
        add('transformers', f'{name} {what}', inputs, lambda kind, name=name, kw=kw: make(kind, name, **kw))

hf_lines("""
    vit
    beit
    data2vec-vision
    dinov2
    dinov2_with_registers
    vit_msn
    ijepa
    convnext depths=[1,1,2,1] hidden_sizes=[64,96,128,192]
    resnet depths=[1,1,1,1] hidden_sizes=[64,128,192,256] layer_type='basic'
    regnet depths=[1,1,1,1] hidden_sizes=[64,128,192,256] groups_width=16
    swin depths=[1,1] embed_dim=64 num_heads=[2,4] window_size=4
    swinv2 depths=[1,1] embed_dim=64 num_heads=[2,4] window_size=4
    segformer
    pvt px=64
    pvt_v2 depths=[1,1,1,1] image_size=64
    poolformer depths=[1,1,2,1]
    focalnet depths=[1,1,2,1]
    mobilenet_v1
    mobilenet_v2
    mobilevit px=96 n=8
    efficientnet px=64 hidden_dim=2560
    levit px=96 hidden_sizes=[128,256,384]
    cvt
    hiera image_size=[64,64] px=64 embed_dim=96 depths=[1,1,1,1] num_heads=[1,2,4,8]
    swiftformer
    textnet
    clip vision_config={'hidden_size':128,'num_hidden_layers':3,'num_attention_heads':4,'intermediate_size':256,'image_size':64,'patch_size':16}
    siglip vision_config={'hidden_size':128,'num_hidden_layers':3,'num_attention_heads':4,'intermediate_size':256,'image_size':64,'patch_size':16}
""", hf_picture_case, 'ImageClassification', ('pictures', 'noise'))

def hf_audio_case(kind, name, n=8, **kw):
    "Waves of some frequencies, a class each; or noise."
    y = torch.arange(n) % 10
    t = torch.arange(6400)/16000
    x = torch.randn(n, 6400) if kind=='noise' else torch.sin(2*math.pi*t*(200 + 150*y[:, None])) + 0.1*torch.randn(n, 6400)
    small_convs = dict(conv_dim=(64,)*7, num_feat_extract_layers=7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4)
    model = hf_model('AutoModelForAudioClassification', name, **{**small_convs, **kw})
    return Trial(model, dict(input_values=(x - x.mean())/x.std(), labels=y))

hf_lines("""
    wav2vec2
    hubert
    wavlm
    unispeech-sat
    wav2vec2-conformer
    data2vec-audio
""", hf_audio_case, 'AudioClassification', ('waves', 'noise'))

# ---- diffusers: the noise is what it is to predict

def diffusers_case(kind, name, px=16, channels=3, encoder=0, classes=0, n=8, **kw):
    import diffusers
    model = getattr(diffusers, name)(**kw)
    x = pictures(kind, px, n, channels)[0]
    noise, t = torch.randn_like(x), torch.randint(0, 1000, (n,))
    a = torch.cos(t/1000*math.pi/2).view(-1, 1, 1, 1)
    xb = dict(sample=a*x + (1 - a**2).sqrt()*noise, timestep=t) if 'hidden_states' not in model.forward.__code__.co_varnames else \
        dict(hidden_states=a*x + (1 - a**2).sqrt()*noise, timestep=t)
    if encoder: xb['encoder_hidden_states'] = torch.randn(n, 8, encoder)
    if classes: xb['class_labels'] = torch.arange(n) % classes
    return Trial(model, xb, noise, lambda out, yb: F.mse_loss(out.sample[:, :yb.shape[1]], yb))

def autoencoder_case(kind, name, px=32, n=8, **kw):
    import diffusers
    x = pictures(kind, px, n)[0]
    return Trial(getattr(diffusers, name)(**kw), x, x, lambda out, yb: F.mse_loss(out.sample, yb) + (getattr(out, 'commit_loss', None) or 0))

for line in """
    UNet2DModel sample_size=16 block_out_channels=(64,128) layers_per_block=1 down_block_types=('DownBlock2D','AttnDownBlock2D') up_block_types=('AttnUpBlock2D','UpBlock2D')
    UNet2DModel sample_size=16 block_out_channels=(64,128,128) layers_per_block=2 down_block_types=('DownBlock2D','DownBlock2D','DownBlock2D') up_block_types=('UpBlock2D','UpBlock2D','UpBlock2D')
    UNet2DConditionModel sample_size=16 in_channels=3 out_channels=3 block_out_channels=(64,128) layers_per_block=1 down_block_types=('DownBlock2D','CrossAttnDownBlock2D') up_block_types=('CrossAttnUpBlock2D','UpBlock2D') cross_attention_dim=64 attention_head_dim=8 encoder=64
    DiTTransformer2DModel sample_size=16 in_channels=3 num_attention_heads=4 attention_head_dim=32 num_layers=3 patch_size=2 classes=10
    PixArtTransformer2DModel sample_size=16 in_channels=3 out_channels=3 num_attention_heads=4 attention_head_dim=32 num_layers=3 patch_size=2 caption_channels=64 cross_attention_dim=128 use_additional_conditions=False encoder=64
    Transformer2DModel sample_size=16 in_channels=32 num_attention_heads=4 attention_head_dim=32 num_layers=2 channels=32
""".strip().splitlines():
    name, kw = parsed(line)
    add('diffusers', f"{name} {' '.join(f'{k}={v}' for k, v in kw.items() if k in ('layers_per_block', 'num_layers'))}", ('pictures', 'noise'),
        lambda kind, name=name, kw=kw: diffusers_case(kind, name, **kw))
for line in """
    AutoencoderKL block_out_channels=(64,128) down_block_types=('DownEncoderBlock2D',)*2 up_block_types=('UpDecoderBlock2D',)*2
    VQModel block_out_channels=(64,128) down_block_types=('DownEncoderBlock2D',)*2 up_block_types=('UpDecoderBlock2D',)*2 num_vq_embeddings=64
""".strip().splitlines():
    name, kw = parsed(line)
    add('diffusers', name, ('pictures', 'noise'), lambda kind, name=name, kw=kw: autoencoder_case(kind, name, **kw))

# ---- x-transformers: one decoder with many options

def x_case(kind, kw):
    from x_transformers import Decoder, TransformerWrapper
    model = TransformerWrapper(num_tokens=1000, max_seq_len=64, attn_layers=Decoder(dim=128, depth=4, heads=4, attn_dim_head=32, **kw))
    ids = tokens(16, 33)
    return Trial(model, ids[:, :-1], ids[:, 1:], scores_of_tokens)

for line in """
    plain
    rotary_pos_emb=True ff_glu=True use_rmsnorm=True
    alibi_pos_bias=True
    rel_pos_bias=True
    ff_relu_squared=True use_scalenorm=True
    ff_swish=True ff_glu=True use_simple_rmsnorm=True
    attn_qk_norm=True
    attn_pre_talking_heads=True attn_post_talking_heads=True
    gate_residual=True
    sandwich_norm=True
    macaron=True
    shift_tokens=1
    attn_kv_heads=1
    attn_num_mem_kv=8
    attn_gate_values=True
    attn_sparse_topk=8
    pre_norm=False
    scale_residual=True
    layer_dropout=0.1 attn_dropout=0.1 ff_dropout=0.1
    use_layerscale=True
    ff_no_bias=True use_dynamic_tanh=True
    attn_value_rmsnorm=True ff_solu=True
""".strip().splitlines():
    kw = parsed('x ' + line.replace('plain', ''))[1]
    add('x-transformers', line.strip(), ('tokens',), lambda kind, kw=kw: x_case(kind, kw))

# ---- vit-pytorch: what papers proposed, written once more

def vit_pytorch_case(kind, name, px=64, n=16, module='', **kw):
    make = getattr(importlib.import_module(f'vit_pytorch.{module}' if module else 'vit_pytorch'), name)
    return Trial(make(num_classes=10, **kw), *pictures(kind, px, n))

_vit = 'image_size=64 patch_size=16 dim=128 depth=3 heads=4 mlp_dim=256'
for line in f"""
    ViT {_vit}
    ViT module='vit' {_vit} pool='mean'
    SimpleViT {_vit}
    DeepViT module='deepvit' {_vit}
    CaiT module='cait' image_size=64 patch_size=16 dim=128 depth=3 cls_depth=1 heads=4 mlp_dim=256
    ViT module='vit_for_small_dataset' {_vit}
    ViT module='parallel_vit' {_vit}
    ViT module='vit_with_patch_dropout' {_vit} patch_dropout=0.25
    SimpleViT module='simple_vit_with_register_tokens' {_vit}
    SimpleViT module='simple_vit_with_qk_norm' {_vit}
    CCT module='cct' img_size=64 embedding_dim=128 n_conv_layers=2 kernel_size=7 stride=2 padding=3 pooling_kernel_size=3 pooling_stride=2 pooling_padding=1 num_layers=3 num_heads=4 mlp_ratio=2. positional_embedding='learnable'
    PiT module='pit' image_size=64 patch_size=16 dim=128 depth=(1,1) heads=4 mlp_dim=256
    CvT module='cvt' s3_depth=2
    MaxViT module='max_vit' dim=64 depth=(1,1) dim_head=32 window_size=4
    RegionViT module='regionvit' dim=(64,64,128,128) depth=(1,1,1,1) window_size=4
    CrossFormer module='crossformer' dim=(64,64,128,128) depth=(1,1,1,1) global_window_size=(4,4,2,2) local_window_size=2
    NesT module='nest' image_size=64 patch_size=8 dim=64 heads=2 num_hierarchies=2 block_repeats=(1,1)
    XCiT module='xcit' {_vit} cls_depth=1 local_patch_kernel_size=3
    RvT module='rvt' {_vit}
""".strip().splitlines():
    name, kw = parsed(line)
    add('vit-pytorch', ' '.join(filter(None, [kw.get('module', ''), name, *(f'{k}={kw[k]}' for k in ('pool',) if k in kw)])), ('pictures', 'noise'),
        lambda kind, name=name, kw=kw: vit_pytorch_case(kind, name, **kw))

# ---- torch_geometric: nodes whose class their neighbours have, too

def graph(kind, n=256, features=64, classes=7):
    y = torch.arange(n) % classes
    x = torch.randn(n, features)
    if kind=='graph': x = x + 1.5*torch.randn(classes, features)[y]
    a, b = torch.randint(0, n, (2, 8*n))
    keep = (y[a]==y[b]) | (torch.rand(8*n) < 0.1)
    edges = torch.stack([a[keep], b[keep]])
    return (x - x.mean())/x.std(), torch.cat([edges, edges.flip(0)], 1), y

def geometric_case(kind, name, **kw):
    from torch_geometric.nn import models
    x, edges, y = graph(kind)
    return Trial(getattr(models, name)(64, 128, num_layers=3, out_channels=7, **kw), (x, edges), y)

for line in """
    GCN
    GCN norm='batch' dropout=0.5
    GraphSAGE
    GraphSAGE jk='cat' act='elu'
    GIN
    GAT heads=4
    GAT v2=True heads=4 dropout=0.2
    PNA aggregators=['mean','max'] scalers=['identity','amplification'] deg=torch.ones(64).long()
    EdgeCNN
""".strip().splitlines():
    name, kw = parsed(line)
    add('torch_geometric', line.strip().split(' deg=')[0], ('graph', 'noise'), lambda kind, name=name, kw=kw: geometric_case(kind, name, **kw))

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

def different(before, after):
    "What differs, with the first name where there are names."
    found = [k for k in before if not same(before[k], after[k])]
    def first(a, b):
        names = [n for n in (a.keys() | b.keys()) if not same(a.get(n), b.get(n))] if isinstance(a, dict) else []
        return f' ({min(names)})' if names else ''
    return [k + first(before[k], after[k]) for k in found]

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
        for n, b in trial.model.named_buffers():
            if n in buffers: b.copy_(buffers[n])
    if not math.isfinite(loss.item()): raise ValueError(f'its own loss is {loss.item()}')
    return took

def findings_of(trial):
    report = diagnose(trial.model, trial.xb, trial.yb, trial.loss_func)
    return report.findings

def kinds(findings, severity): return sorted({o.kind for o in findings if o.severity==severity})

def as_text(findings): return [(o.severity, o.kind, tuple(o.layers), o.evidence) for o in findings]

def look(trial, say, twice=True):
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
    if not twice: return found
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
        if len(stds) < len(names): run_alone(trial)  # some run only in training mode
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
    changed = [k for k in different(before, state_of(trial.model)) if k.split()[0] not in ('weights', 'grads')]
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

def times_30(model):
    for p in matrices(model).values(): p.mul_(30)

def over_30(model):
    for p in matrices(model).values(): p.div_(30)

def constant(model):
    for p in matrices(model).values(): p.fill_(0.01)

def first_zeroed(model):
    "The first layer of all, or the table of the tokens."
    next(p for p in model.parameters() if p.ndim >= 2 and p.numel() >= 64).zero_()

def frozen(model):
    for p in model.parameters(): p.requires_grad_(False)

def one_nan(model):
    found = list(matrices(model).values())
    found[len(found)//2].view(-1)[0] = math.nan

faults = {'x30': times_30, '/30': over_30, 'constant': constant, 'zeroed': first_zeroed, 'frozen': frozen, 'nan': one_nan}

def best_loss(case, kind, fault=None, steps=20, rates=(3e-4, 3e-3)):
    "The lowest loss on the batch after some steps of AdamW, with the better of two rates; infinite if there is none."
    losses = []
    for lr in rates:
        trial = seeded(case, kind)
        with torch.no_grad(): fault and fault(trial.model)
        opt = torch.optim.AdamW(trial.model.parameters(), lr)
        for _ in range(steps):
            opt.zero_grad()
            loss_of(trial).backward()
            opt.step()
        with torch.no_grad(): losses.append(loss_of(trial).item())
    return min((o for o in losses if math.isfinite(o)), default=math.inf)

def is_harmless(case, kind, fault, cache):
    "Does the loss fall nearly as far as that of the healthy model does? Norm layers take scales away, and a zero in a branch is no fault."
    if not cache:
        with torch.no_grad(): first = loss_of(seeded(case, kind)).item()
        cache.update(first=first, best=best_loss(case, kind))
    return cache['first'] - best_loss(case, kind, fault) >= 0.8*(cache['first'] - cache['best'])

def try_broken(case, kind, healthy, say):
    "Which planted faults are named, by a warning or an error that the healthy model does not have."
    known = {(o.kind, o.severity) for o in healthy if o.severity != 'info'}
    named, missed, harmless, cache = {}, [], [], {}
    for name, fault in faults.items():
        trial = seeded(case, kind)
        with torch.no_grad(): fault(trial.model)
        try: new = sorted({o.kind for o in findings_of(trial) if o.severity != 'info' and (o.kind, o.severity) not in known})
        except Exception as e: new = [f'raises {type(e).__name__}: {e}'[:100]] if isinstance(e, ValueError) else []
        if new: named[name] = new
        elif name in ('frozen', 'nan') or not is_harmless(case, kind, fault, cache): missed.append(name)
        else: harmless.append(name)
    say(broken=f'{len(named)}/{len(named) + len(missed)}', missed='; '.join(missed), harmless='; '.join(harmless),
        named_by='; '.join(f'{k}: {", ".join(v)}' for k, v in named.items()))

def seeded(case, kind):
    random.seed(0); np.random.seed(0); torch.manual_seed(0)
    return case.make(kind)

def study(case, kind, say, broken, twice=True):
    "Everything about one architecture on one input, told piece by piece: what is said last is where it hangs."
    warnings.simplefilter('ignore')
    trial = seeded(case, kind)
    trial.model.train()
    say(parameters=sum(p.numel() for p in trial.model.parameters()))
    say(step=round(tried_alone(trial), 2))
    say(stage='diagnose', verdict='hang')
    try: found = look(trial, say, twice and kind not in ('noise', 'cross-entropy'))
    except Exception as e:
        return say(verdict='crash', note=' '.join(f'{type(e).__name__}: {e}'.split())[:600], traceback=traceback.format_exc()[-3000:], stage='end')
    if kind not in ('noise', 'cross-entropy'):
        say(stage='lsuv', lsuv='hang')
        try_lsuv(trial, say)
        say(stage='broken')
        if broken: try_broken(case, kind, found, say)
    say(stage='end')

# ---- Many of them

class Child:
    "`study` in a process of its own, which may take so many seconds of a processor: what it says is in `out` once it is `done`."
    def __init__(self, at, case, kind, limit, **kw):
        self.at, self.case, self.kind, self.said, self.out = at, case, kind, b'', {}
        self.began, self.limit, self.done = time.monotonic(), 10*limit, False
        self.read, write = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid: os.close(write)
        else: self._run(write, limit, kw)
    def _run(self, write, limit, kw):
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2); os.dup2(2, 1)
            with os.fdopen(write, 'w') as f:
                def say(**kw): f.write(json.dumps(kw) + '\n'); f.flush()
                try: study(self.case, self.kind, say, **kw)
                except BaseException as e: say(unusable=' '.join(f'{type(e).__name__}: {e}'.split())[:300], traceback=traceback.format_exc()[-3000:])
        finally: os._exit(0)
    @property
    def seconds(self): return time.monotonic() - self.began
    def listen(self, ready):
        "Take what it has said; it is done when it has closed its mouth, or when its time is over."
        piece = os.read(self.read, 2**16) if ready else None
        self.said += piece or b''
        self.done = piece==b'' or self.seconds > self.limit
        if self.done: self._end(ended=piece==b'')
    def _end(self, ended):
        os.close(self.read)
        if not ended: os.kill(self.pid, signal.SIGKILL)
        status = os.waitpid(self.pid, 0)[1]
        for line in self.said.split(b'\n')[:-1]: self.out.update(json.loads(line))
        if ended and os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGXCPU, signal.SIGKILL):
            self.out.update(verdict='crash', note=f'the process died of {signal.Signals(os.WTERMSIG(status)).name}')

operators = """nms qnms roi_align roi_pool ps_roi_align ps_roi_pool deform_conv2d _roi_align_backward _roi_pool_backward _ps_roi_align_backward
    _ps_roi_pool_backward _deform_conv2d_backward""".split()

def import_library(name):
    "Its version; `None`, with a line, if it cannot be imported. torchvision's compiled operators may be missing: nothing here uses them."
    try:
        if importlib.util.find_spec('torchvision'): without_compiled_operators()
        importlib.import_module(name.replace('-', '_'))
        if name=='transformers': hf_model('AutoModelForCausalLM', 'gpt2')  # what all of them import is imported once
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
    for o in operators:
        try: _library[0].define(f'{o}(Tensor x) -> Tensor')
        except RuntimeError: pass  # it is there

def digest():
    "Of those files of the package that `diagnose` and `lsuv_` import: eight letters."
    h = hashlib.sha256()
    for n, m in sorted(sys.modules.items()):
        if n.startswith('miniai.') and n != 'miniai._modidx': h.update(Path(m.__file__).read_bytes())
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
    mixed = random.Random(0).sample(list(enumerate(cases)), len(cases))  # whatever part has been done says something about all
    for at in (0, 1):  # each once, before the second kind of input
        for i, c in mixed:
            if at >= len(c.inputs): continue
            kind = c.inputs[at]
            r = rows.get((c.library, c.name, kind))
            if args.only and not re.search(args.only, f'{c.library}/{c.name} {kind}'): continue
            if args.noisy and not (r and is_noisy(r)): continue
            if r and not (args.only or args.noisy) and (args.any_code or r['code']==code): continue
            yield i, c, kind

def finished(children, jobs):
    "Wait while as many children run as may, and yield those that are done."
    while len(children) >= jobs:
        ready = select.select([o.read for o in children], [], [], 1)[0]
        for o in list(children):
            o.listen(o.read in ready)
            if o.done: children.remove(o); yield o

def line_of(row):
    return (f"{row['verdict']} {row['errors'] and '!! ' + row['errors']} {row['warnings']} {row['changed'] and 'CHANGED ' + row['changed']}"
            f" | lsuv {row['lsuv']} {row['lsuv_set']}/{row['lsuv_layers']} | {row['broken']} {row['missed']}")

def keep(args, rows, child, version, of):
    "Put what a child said into the table, the log and a line."
    c, got = child.case, child.out
    head = f'{child.at}/{of} {child.seconds:5.1f} s {c.library}/{c.name} {child.kind}'
    if 'verdict' not in got: return print(f"{head}: skipped, {got.get('unusable', 'it did not end')}", flush=True)
    row = {k: '' for k in columns} | {k: v for k, v in got.items() if k in columns}
    row |= dict(library=f'{c.library} {version}', name=c.name, input=child.kind, code=args.code)
    rows[c.library, c.name, child.kind] = row
    save(args.out, rows)
    if args.log:
        with args.log.open('a') as f: f.write(json.dumps({**got, **row, 'library': c.library}) + '\n')
    print(f'{head}: {line_of(row)}', flush=True)

def run_all(args):
    known = {(c.library, c.name, kind) for c in cases for kind in c.inputs}
    rows = {k: r for k, r in load(args.out).items() if k in known}
    versions, children, began = {}, [], time.monotonic()
    pictures('pictures')  # read once, for all that are forked
    wanted = list(todo(args, rows, args.code))
    for at, (i, c, kind) in enumerate(wanted, 1):
        if c.library not in versions:
            versions[c.library] = import_library(c.library)
            gc.collect(); gc.freeze()
        if versions[c.library] is None: continue
        for o in finished(children, args.jobs): keep(args, rows, o, versions[o.case.library], len(wanted))
        children.append(Child(at, c, kind, args.limit, broken=not args.quick and i % args.every==0, twice=not args.quick))
    while children:
        for o in finished(children, 1): keep(args, rows, o, versions[o.case.library], len(wanted))
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
    harmless = sum(len(r['harmless'].split('; ')) for r in rows if r['harmless'])
    if planted: print(f"{'  ok' if named/planted >= 0.95 else 'MISS'}  broken on purpose, named: {named} of {planted} ({named/planted:.1%}), bar ≥ 95 %; "
                      f"{harmless} more were not named and did no harm")
    print(f'      lsuv_ refused: {fraction(refused, lsuv)}')
    for what in ('errors', 'warnings', 'missed', 'harmless'):
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
    parser.add_argument('--quick', action='store_true', help='look once, plant no faults')
    parser.add_argument('--every', type=int, default=8, help='plant faults in one architecture of so many')
    parser.add_argument('--limit', type=float, default=60, help='seconds of a processor for one architecture on one input')
    parser.add_argument('--summary', action='store_true')
    parser.add_argument('--since', type=Path)
    parser.add_argument('--jobs', type=int, default=1, help='how many at a time')
    args = parser.parse_args()
    args.code = digest()
    found = load(args.out) if args.summary or args.since else run_all(args)
    if args.since: since(found, load(args.since))
    else: summary(found)
