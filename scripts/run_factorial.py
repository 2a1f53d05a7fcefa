"""Make the training runs that page 12 reports, all that are not in the file yet: some five thousand, in a quarter of an hour on one large GPU.

    python scripts/run_factorial.py --data FOLDER [--out nbs/results/12_factorial.csv] [--seconds 500] [--processes 8]

FOLDER holds the four IDX files of Fashion-MNIST. Needs the checkout, torch and fastcore alone, like check_device.py. It stops before the block that
would begin after `--seconds`; run it again to go on.
"""
import argparse
import multiprocessing
import os
import time
from contextlib import nullcontext
from pathlib import Path

import torch
import torch.multiprocessing
from check_device import from_idx, prepare, root

prepare()
torch.multiprocessing.set_sharing_strategy('file_system')  # many nets at once are more files than a process may hold open
from miniai.factorial import Data, at_best_rates, grid_runs, read_rows, run_missing_blocks  # noqa: E402


def processes_without_device(n):
    "A pool whose processes know of no accelerator: they initialize nets on the CPU."
    os.environ['CUDA_VISIBLE_DEVICES'],before = '', os.environ.get('CUDA_VISIBLE_DEVICES')
    try: return multiprocessing.get_context('spawn').Pool(n)
    finally:
        if before is None: del os.environ['CUDA_VISIBLE_DEVICES']
        else: os.environ['CUDA_VISIBLE_DEVICES'] = before


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--data', required=True)
    parser.add_argument('--out', type=Path, default=root/'nbs/results/12_factorial.csv')
    parser.add_argument('--seconds', type=float, default=float('inf'))
    parser.add_argument('--processes', type=int, default=0, help='that initialize nets; 0: none beside this one')
    args = parser.parse_args()
    until = time.time() + args.seconds
    torch.set_num_threads(1)
    with processes_without_device(args.processes) if args.processes else nullcontext() as pool:
        (x,y),_,what = from_idx(args.data)
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
        print(what, device, torch.__version__, flush=True)
        data = Data((x[:50_000].to(device), y[:50_000].to(device)), (x[50_000:].to(device), y[50_000:].to(device)))
        kw = dict(images=600*1024 if device=='cuda' else 20*128, make=pool.imap if pool else map, until=until)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        run_missing_blocks(args.out, grid_runs(), data, **kw)
        balanced = [o for o in read_rows(args.out) if o['act']=='balanced']
        run_missing_blocks(args.out, at_best_rates(balanced), data, **kw)
    print(f'{len(read_rows(args.out))} runs are there; {until - time.time():.0f} s left')


if __name__=='__main__': main()
