"""Say where a page uses a word that nobody searches for, or does not say the names by which its topic is searched.

    python scripts/check_words.py [--all] [--minutes] [notebook ...]

Two tables: `instead`, words that have a standard term, with a pattern for the meaning that is replaced (a word may be fine in another meaning:
"start" as a verb, "gives up"); and `names`, the searchable names that the first cell of each page of the course must hold. Both the prose and
the code of every notebook are read, and the text of the README comes from one of them. `--all` shows each place, not only the count;
`--minutes` shows what a page takes to read by count, beside what it promises.
"""
import re
import sys
from collections import Counter
from pathlib import Path

from course import Page, everything, nbs, pages

# What outputs something in this field; "the loss is given …" is no output.
layer = r'\b(?:layer|unit|neuron|net|network|model|module|activation|function|channel|convolution|conv|softmax|ReLU|Linear|nonlinearity|norm|decoder|encoder)s?\b'
some = r'(?:\s+(?:that|then|still|also|now|each|it|alone|only|always|itself|before|after))?\s+'
whose = r"(?:a|an|its|own|default|good|bad|better|worse|poor|right|wrong|same|Kaiming|Xavier|LSUV|PyTorch's)"

instead = {
    'a start → an initialization': rf'\b{whose} start\b(?! of\b|[ -]\w*(?:rate|page|token|symbol))|\bthe start (?:is|was|decides|matters)\b',
    'mend → fix': r'\bmend(?:s|ed|ing)?\b',
    'gives (of a layer) → outputs, returns': rf'(?:{layer}|`[\w.()…=]+`){some}(?:gives?|gave)\b(?! up\b| way\b| it\b| them\b| to\b| all modules\b)|\bwhat (?:a|the|each|every|this|that|one) (?:{layer}) (?:gives?|gave)\b',
    'takes (of a layer) → its input, accepts': rf'(?:{layer}|`(?:nn\.)?[A-Z][\w.()…=]+`){some}takes?\b(?! about| less| more| part| place| time| long| off| over| care|\s+\d)',
    'gives (of a loader) → yields': r'\bloaders?(?: that| also| then)? (?:gives?|gave)\b',
    'share of → fraction of': r'\bshares? of\b|\bthe share\b(?! of the)',
    'a guess → chance level': r"\b(?:of|than|like|as) a guess\b|(?:^|[;.] )[Aa] guess among\b",
    'the way back → the backward pass': r'\bway back\b|\bthere and back\b',
    'trainings → training runs': r'\btrainings\b|\b(?:an?|another|so short a) training (?:that|which|went|ends?|ended|diverges?)\b',
    'learning-rate search → learning-rate finder': r'\blearning[- ]rate search|\b[Ss]earch for (?:the|a) learning rate\b|\bfinder of a learning rate\b',
    'a loss for numbers → a regression loss': r'\bloss(?:es)? for numbers\b',
    'class numbers → class indices': r'\bclass numbers?\b',
    'even predictions → uniform predictions': r'\beven predictions\b|\bpredictions (?:are|were) not even\b',
    'gradient factor → backward gain': r'\bgradient factors?\b',
    'point of rest → fixed point': r'\bpoints? of rest\b',
    'real length of a step → effective learning rate': r'\breal length\b',
    'remark → info': r'\bremarks?\b',
    'sd → std': r'\bsds?\b',
    'heap, knob, pencil, eats half': r'\bheaps?\b(?!\w)|\bknobs?\b|\bpencils?\b|\beats? half\b',
    'in the place of → instead of': r'\bin the place of\b|\bone says that\b|\bof above\b',
    'numbers (of a tensor) → values': (r'\bnumbers (?:of|in) (?:a|an|the|each|every|its|this|one) (?:tensor|layer|batch|image|channel|array|row|code|activation|weight)s?\b'
                                      r'|\b(?:codes?|images?|items?|inputs?|outputs?|rows?|vectors?) of \d[\d,]* numbers\b'),
}

# By the number of the page: patterns for its first cell, in any case of letters.
names = {
    '01': ['Fashion-MNIST', 'DataLoader', 'collate', 'datasets'],
    '02': ['convolution', 'stride', 'padding', 'receptive field|feature map|channels', 'nn.Conv2d'],
    '03': ['training loop', 'callback', 'learning-rate finder', 'LR range test', 'Smith'],
    '04': ['hook', 'register_forward_hook', 'vanishing', 'dying ReLU|dead ReLU', 'loss (?:is |was |)stuck', 'activation'],
    '05': ['CUDA out of memory', 'restart', 'traceback'],
    '06': ['variance', 'covariance', 'correlation', 'standard deviation', 'Welford', 'Pearson'],
    '07': [r'Xavier \(Glorot\) initialization', 'Glorot and Bengio', '2010', 'xavier_(?:normal|uniform)_', 'vanishing', 'exploding', 'weight initialization'],
    '08': [r'Kaiming \(He\) initialization', 'He, Zhang, Ren and Sun', '2015', 'kaiming_normal_', 'vanishing gradient', 'loss (?:is |was |)stuck', 'fan-in'],
    '09': ['leaky ReLU', 'SELU', 'Klambauer', '2017', 'GeneralRelu', 'calculate_gain', 'self-normalizing'],
    '10': ['LSUV', 'Mishkin and Matas', '2016', 'layer-sequential unit-variance', 'initialization'],
    '11': ['learning-rate schedule', 'one-cycle|one cycle', 'OneCycleLR', 'Smith', 'gradient accumulation', 'momentum'],
    '12': ['weight initialization', 'BatchNorm|batch normalization', 'Ioffe and Szegedy', 'residual', 'ablation|factorial'],
    '13': ['autoencoder', 'PCA', 'bottleneck|code', 'transposed convolution|upsampling', 'denoising|latent'],
    '14': ['loss is nan', 'stuck at 2.3', 'all predictions are the same', 'dying', 'vanishing', 'exploding'],
    '15': ['command', 'train', 'reproducib|seed'],
    '16': ['benchmark', 'profil|overhead', 'hooks'],
    '17': ['false alarm|false positive', 'timm', 'transformers|torchvision', 'bug reports?'],
    '18': ['loss is nan', 'stuck at 2.3', 'all predictions are the same', 'bugs?', 'softmax'],
    '19': ['correlation map', 'edge of chaos', 'depth scale', 'orthogonal_', 'µP', 'Schoenholz'],
}
# Names that a stranger types into a search, each on some page of the course.
somewhere = ['vanishing gradient', 'exploding gradient', 'weight initialization', 'Xavier (Glorot) initialization', 'Kaiming (He) initialization', 'neuron', 'standardize',
             'learning-rate range test', 'LR range test', 'dying ReLU', 'fan-in', 'chance level', 'LSUV', 'standard deviation', 'batch normalization']


def text(cell):
    "Words and names of a cell: without the targets of links, and without the paths of files."
    return re.sub(r'\]\([^)]*\)', ']', cell.source)


def places(page):
    "Each term that is used on a page, with the words around it."
    for c in page.nb.cells:
        flat = re.sub(r'\s+', ' ', text(c))
        for term,pattern in instead.items():
            for m in re.finditer(pattern, flat):
                yield term, flat[max(0, m.start() - 45):m.end() + 35]


def missing(page):
    "Searchable names that the first screen of a page does not hold."
    first = re.sub(r'\s+', ' ', page.nb.cells[0].source)
    return [o for o in names.get(page.path.stem[:2], []) if not re.search(o, first, re.I)]


def main():
    files = [Page(Path(o).resolve()) for o in sys.argv[1:] if not o.startswith('--')]
    looked = files or everything()
    if '--minutes' in sys.argv:
        for p in looked:
            if p.minutes: print(f'{p.name:24} {p.counted_minutes:3} minutes by count, {p.minutes} promised; {p.visible_lines} visible lines, {p.words} words')
    wrong,counts = [],Counter()
    for p in looked:
        for term,where in places(p):
            counts[term] += 1
            wrong.append(f'{p.name}: {term}: … {where} …')
    absent = [f'{p.name}: its first cell does not say {o}' for p in looked if p.path.parent==nbs for o in missing(p)]
    if not files:
        course = ' '.join(re.sub(r'\s+', ' ', p.text) for p in pages()).lower()
        absent += [f'no page says {o}' for o in somewhere if o.lower() not in course]
    if '--all' in sys.argv or files: print(*wrong, sep='\n')
    else: print(*(f'{counts[o]:4}  {o}' for o in instead), sep='\n')
    print(*absent, sep='\n')
    print(f'{len(looked)} notebooks: {len(wrong)} words that have a standard term, {len(absent)} names missing')
    sys.exit(bool(wrong or absent))


if __name__ == '__main__': main()
