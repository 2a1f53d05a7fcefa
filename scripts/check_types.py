"""Ask mypy what somebody who installed the package sees of its types, methods that are patched in included.

    python scripts/check_types.py python-of-an-environment-with-the-package
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What is written, and the type that mypy should say it has.
cases = {
    'Trace(model).records': 'list[miniai.trace.Record]',
    'Trace(model).where': 'def () -> str',
    'diagnose(model, xb)': 'miniai.report.Report',
    'diagnose(model, xb).findings[0]': 'miniai.findings.Finding',
    'diagnose(model, xb).to_json()': 'str',
    'assert_healthy(model, xb)': 'miniai.report.Report',
    'lsuv_(model, xb)': 'miniai.lsuv.LSUVReport',
    'init_model(model)': 'Any',  # an nn.Module: PyTorch's own types are not looked at here
    'Learner(model).fit': 'def (',
    'ActivationStats().plot_stats': 'def (',
}
code = '''from typing import Any
from miniai.activations import ActivationStats
from miniai.diagnose import assert_healthy, diagnose
from miniai.kaiming import init_model
from miniai.learner import Learner
from miniai.lsuv import lsuv_
from miniai.trace import Trace
model: Any = ...
xb: Any = ...
with Trace(model) as trace: model(xb)
diagnose(model, xb).nonsense
'''
# To follow PyTorch's types takes a minute.
config = '''[mypy]
[mypy-torch.*,fastcore.*,numpy.*,matplotlib.*,pandas.*,pyarrow.*,datasets.*,huggingface_hub.*,PIL.*,IPython.*,tqdm.*,safetensors.*]
follow_imports = skip
ignore_missing_imports = True
'''


def main():
    with tempfile.TemporaryDirectory() as tmp:
        (Path(tmp)/'mypy.ini').write_text(config)
        (Path(tmp)/'user.py').write_text(code + ''.join(f'reveal_type({o})\n' for o in cases))
        got = subprocess.run([sys.executable, '-m', 'mypy', '--python-executable', str(Path(sys.argv[1]).absolute()), 'user.py'], cwd=tmp, capture_output=True, text=True)
    said = {int(n): text for n,text in re.findall(r'^user\.py:(\d+): (.*)', got.stdout, re.M)}
    first = len(code.splitlines()) + 1
    wrong = [] if 'has no attribute "nonsense"' in said.pop(first - 1, '') else ['an attribute that does not exist is not noticed']
    for i,(o,expected) in enumerate(cases.items(), first):
        if f'"{expected}' not in said.pop(i, ''): wrong.append(f'{o}: expected {expected}')
    if wrong or said: sys.exit('\n'.join([*wrong, *said.values(), got.stdout + got.stderr]))
    print(f'{len(cases)} types as expected')


if __name__ == '__main__': main()
