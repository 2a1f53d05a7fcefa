// What the pages do beyond being read: mathematics, copy buttons, folding, print. Nothing is loaded from a network.
const make = (tag, props, ...inside) => { const o = Object.assign(document.createElement(tag), props); o.append(...inside); return o; };

function copyButtons() {
  for (const block of document.querySelectorAll('main .highlight')) {
    const button = make('button', {type: 'button', className: 'copy', textContent: 'copy'});
    button.setAttribute('aria-label', 'Copy this code');
    button.addEventListener('click', async () => {
      const text = block.querySelector('pre').innerText.replace(/\n$/, '');
      try { await navigator.clipboard.writeText(text); button.textContent = 'copied'; } catch { button.textContent = 'not allowed'; }
      setTimeout(() => button.textContent = 'copy', 1500);
    });
    block.append(button);
  }
}

// Where much goes into the package, one button folds all of it to the signatures, and opens it again.
function foldButton() {
  const all = [...document.querySelectorAll('details.package')];
  if (all.length < 3) return;
  const button = make('button', {type: 'button', className: 'fold'});
  const say = () => button.textContent = all.some(o => o.open) ? 'fold the package’s code' : 'show the package’s code';
  button.addEventListener('click', () => { const open = !all.some(o => o.open); all.forEach(o => o.open = open); });
  all.forEach(o => o.addEventListener('toggle', say));
  say();
  document.querySelector('.facts').append(button);
}

// A picture that is far smaller on a narrow screen than it was drawn has a button that shows it in full, to be moved under the finger.
function largerButtons() {
  const main = document.querySelector('main'), room = main.clientWidth - 32;
  for (const image of main.querySelectorAll('img[width]')) {
    const full = Math.min(Number(image.getAttribute('width')), 1000);
    if (full < 1.3*room || image.closest('a, .moving')) continue;
    const button = make('button', {type: 'button', className: 'larger', textContent: 'larger'});
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      const large = image.classList.toggle('large');
      image.style.width = large ? `${full}px` : '';
      button.textContent = large ? 'smaller' : 'larger';
      button.setAttribute('aria-pressed', large);
    });
    image.parentElement.style.overflowX = 'auto';
    image.after(button);
  }
}

// A comma behind a formula does not begin a line, and a bracket before it does not end one.
function commas() {
  for (const o of document.querySelectorAll('main .katex')) {
    if (o.closest('.katex-display') || o.querySelectorAll('.base').length > 1) continue;
    const inside = o.parentElement, [before, after] = [inside.previousSibling, inside.nextSibling].map(t => t && t.nodeType===3 ? t : null);
    const opens = before && before.data.match(/[(\[]$/), closes = after && after.data.match(/^[,.;:?!)\]]+/);
    if (!opens && !closes) continue;
    const all = make('span', {className: 'together'});
    inside.before(all);
    all.append(opens ? opens[0] : '', inside, closes ? closes[0] : '');
    if (opens) before.data = before.data.slice(0, -1);
    if (closes) after.data = after.data.slice(closes[0].length);
  }
}

// On paper nothing can be clicked: everything is open, and all pictures are there.
function printing() {
  let closed = [];
  addEventListener('beforeprint', () => {
    document.querySelectorAll('img').forEach(o => o.loading = 'eager');
    closed = [...document.querySelectorAll('main details:not([open])')];
    closed.forEach(o => o.open = true);
  });
  addEventListener('afterprint', () => closed.forEach(o => o.open = false));
}

document.addEventListener('DOMContentLoaded', () => {
  if (window.renderMathInElement) renderMathInElement(document.querySelector('main'), {
    delimiters: [{left: '$$', right: '$$', display: true}, {left: '$', right: '$', display: false}],
    throwOnError: false,
  });
  commas();
  copyButtons();
  foldButton();
  if (matchMedia('(max-width: 40rem)').matches) largerButtons();
  printing();
});
