"""Make the sample of Fashion-MNIST that ships with the package from the full data set.

    python scripts/make_sample.py [folder with the four IDX files]

The same images each time: a fixed seed draws 600 training and 100 test images of each class, in a shuffled order.
"""
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from datasets import Dataset
from PIL import Image

from miniai.sources import fashion_mnist, features

out = Path(__file__).resolve().parent.parent/'miniai'/'data'
per_class = {'train': 600, 'test': 100}


def small_png(im: Image.Image) -> bytes:
    with BytesIO() as b:
        im.save(b, 'PNG', optimize=True)
        return b.getvalue()


def main():
    dd = fashion_mnist(sys.argv[1] if len(sys.argv) > 1 else None, full=True)
    rng = np.random.default_rng(42)
    for split, n in per_class.items():
        labels = np.array(dd[split]['label'])
        idx = np.concatenate([rng.choice(np.flatnonzero(labels == c), n, replace=False) for c in range(10)])
        rng.shuffle(idx)
        rows = [{'image': {'bytes': small_png(o['image']), 'path': None}, 'label': o['label']} for o in dd[split].select(idx)]
        path = out/f'fashion_mnist_sample_{split}.parquet'
        Dataset.from_list(rows, features=features).to_parquet(path)
        print(f'{path.name}: {len(rows)} images, {path.stat().st_size/2**20:.2f} MiB')


if __name__ == '__main__': main()
