// What the figures that move have in common: controls, canvases, axes, colours, random numbers. No framework, no network.
// Each figure is a <div class="moving" id="NAME"> with a picture in it, which the script replaces. All that is visible from outside is
// `miniaiFigures`: for each figure `set(name, value)` and `state()`, and `kit`, which is what the figures are built with.
(() => {
'use strict';
if (window.miniaiFigures) return;
const figures = window.miniaiFigures = {}, kit = figures.kit = {};

const make = kit.make = (tag, props = {}, ...inside) => {
  const o = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) k in o && k !== 'list' ? o[k] = v : o.setAttribute(k, v);
  o.append(...inside);
  return o;
};

const css = `
.moving.live { border: 1px solid var(--line, #8888); border-radius: 6px; padding: .8rem; margin: 1.2rem 0; max-width: 58rem; }
.moving.live .controls { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: flex-end; margin-bottom: .6rem; }
.moving.live label { flex: 1 1 9rem; display: block; font-size: .9rem; line-height: 1.4; margin: 0; min-width: 0; }
.moving.live label b { font-variant-numeric: tabular-nums; }
.moving.live input[type=range] { display: block; width: 100%; height: 1.8rem; margin: 0; accent-color: #0072b2; cursor: pointer; touch-action: pan-y; }
.moving.live select { display: block; width: 100%; }
.moving.live select, .moving.live .press { font: inherit; font-size: .9rem; color: inherit; background: var(--code, transparent);
  border: 1px solid var(--muted, #888); border-radius: 4px; padding: .3rem .7rem; min-height: 2.2rem; }
.moving.live select option { color: #1f2328; background: #fff; }
.moving.live .press { cursor: pointer; }
.moving.live .press:hover { border-color: var(--link, currentColor); }
.moving.live :focus-visible { outline: 3px solid #e69f00; outline-offset: 2px; }
.moving.live .plots { display: flex; flex-wrap: wrap; gap: .3rem 1rem; }
.moving.live .plot { position: relative; flex: 1 1 16rem; min-width: 0; }
.moving.live canvas { display: block; width: 100%; }
.moving.live .numbers { margin: .5rem 0 0; font-variant-numeric: tabular-nums; font-size: .95rem; line-height: 1.45; max-width: none; }
@media print { .moving.live .controls { display: none; } }`;

// A small generator whose i-th number depends on the seed and i alone (mulberry32), and normal numbers by Box and Muller.
kit.random = seed => {
  let a = seed | 0;
  const uniform = () => {
    a = a + 0x6D2B79F5 | 0;
    let t = Math.imul(a ^ a >>> 15, 1 | a);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0)/4294967296;
  };
  const normal = () => Math.sqrt(-2*Math.log(1 - uniform()))*Math.cos(2*Math.PI*uniform());
  return {uniform, normal};
};

// Mean and standard deviation (divided by n).
kit.stats = v => {
  let sum = 0, squares = 0;
  for (const o of v) sum += o;
  const mean = sum/v.length;
  for (const o of v) squares += (o - mean)**2;
  return {mean, std: Math.sqrt(squares/v.length)};
};

// A minus of the width of a plus, and never "−0.00".
const minus = s => /^-[0.]*$/.test(s) ? s.slice(1) : s.replace('-', '−');
kit.fixed = (v, digits = 2) => Number.isFinite(v) ? minus(v.toFixed(digits)) : Number.isNaN(v) ? 'nan' : v > 0 ? '∞' : '−∞';
const raised = n => [...String(n)].map(o => o === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[o]).join('');
kit.power = v => {  // 0.034, 12, 3.1·10⁻⁸
  if (!Number.isFinite(v) || v === 0) return kit.fixed(v, 0);
  const e = Math.floor(Math.log10(Math.abs(v)) + 1e-12);
  return e < -3 || e > 4 ? `${kit.fixed(v/10**e, 1)}·10${raised(e)}` : minus(String(Number(v.toPrecision(3))));
};
kit.decade = e => e === 0 ? '1' : e === 1 ? '10' : `10${raised(e)}`;

// The colours of the page around a figure, whichever theme it has, and Okabe and Ito's for the data.
const rgb = s => (s.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
kit.colours = o => {
  let at = o, back = [255, 255, 255];
  for (; at; at = at.parentElement) {
    const c = rgb(getComputedStyle(at).backgroundColor);
    if (c.length < 4 || c[3] > 0.5) { back = c.slice(0, 3); break; }
  }
  const front = rgb(getComputedStyle(o).color).slice(0, 3), dark = back[0] + back[1] + back[2] < 384;
  const mix = t => `rgb(${front.map((v, i) => Math.round(v*t + back[i]*(1 - t)))})`;
  const all = dark ? ['#56b4e9', '#e69f00', '#2fc39a', '#d98fb5', '#f0e442'] : ['#0072b2', '#d55e00', '#009e73', '#b35c8d', '#e69f00'];
  return {fg: mix(1), bg: `rgb(${back})`, muted: mix(0.75), line: mix(0.3), faint: mix(0.12), c: all, dark};
};

kit.ticks = (lo, hi, n = 5) => {
  const raw = (hi - lo)/n, p = 10**Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find(o => o*p >= raw - 1e-12)*p, out = [];
  for (let i = Math.ceil(lo/step - 1e-9); i*step <= hi + step*1e-9; i++) out.push(i*step);
  return out;
};

// Axes in a box; gives back where a value lies. `x` and `y` are ranges; ticks are values, or [value, label].
kit.axes = (g, col, box, o) => {
  const X = v => box.x + (v - o.x[0])/(o.x[1] - o.x[0])*box.w, Y = v => box.y + box.h - (v - o.y[0])/(o.y[1] - o.y[0])*box.h;
  const pairs = (t, r) => (t || kit.ticks(...r)).map(v => Array.isArray(v) ? v : [v, minus(String(Number(v.toFixed(6))))]);
  g.lineWidth = 1; g.strokeStyle = col.line; g.fillStyle = col.fg; g.font = '12px system-ui, sans-serif';
  g.strokeRect(box.x, box.y, box.w, box.h);
  g.textBaseline = 'top'; g.textAlign = 'center';
  for (const [v, s] of pairs(o.xticks, o.x)) {
    g.beginPath(); g.moveTo(X(v), box.y + box.h); g.lineTo(X(v), box.y + box.h + 4); g.stroke();
    g.fillText(s, X(v), box.y + box.h + 6);
  }
  if (o.xlabel) g.fillText(o.xlabel, box.x + box.w/2, box.y + box.h + 21);
  g.textBaseline = 'middle'; g.textAlign = 'right';
  for (const [v, s] of pairs(o.yticks, o.y)) {
    g.beginPath(); g.moveTo(box.x - 4, Y(v)); g.lineTo(box.x, Y(v)); g.stroke();
    g.fillText(s, box.x - 7, Y(v));
  }
  g.textAlign = 'left'; g.textBaseline = 'alphabetic';
  if (o.ylabel) g.fillText(o.ylabel, 0, box.y - 14);
  return {X, Y};
};
kit.line = (g, points, colour, {width = 2, dash = []} = {}) => {
  g.strokeStyle = colour; g.lineWidth = width; g.setLineDash(dash); g.beginPath();
  points.forEach(([x, y], i) => i ? g.lineTo(x, y) : g.moveTo(x, y));
  g.stroke(); g.setLineDash([]);
};

// `build(f)` gets an object that makes controls and plots and gives back {change(name), state()}; `change` is called after each move.
kit.figure = (name, label, build) => {
  const host = document.getElementById(name);
  if (!host || figures[name]) return;
  const controls = make('div', {className: 'controls'}), plots = make('div', {className: 'plots'});
  const numbers = make('p', {className: 'numbers', 'aria-live': 'polite'});
  const values = {}, setters = {}, notes = {}, drawings = [];
  let ready = false, planned = false, own = {};
  const changed = k => { if (ready) { own.change?.(k); f.redraw(); } };
  const add = (k, text, input, show, take) => {
    const shown = make('b', {}), id = `${name}-${k}`;
    input.id = id;
    if (show) { text += ' '; }
    controls.append(make('label', {htmlFor: id}, text, shown, input));
    const note = notes[k] = () => { if (show) { shown.textContent = show(values[k]); input.setAttribute('aria-valuetext', shown.textContent); } };
    input.addEventListener('input', () => { values[k] = take(input.value); note(); changed(k); });
    setters[k] = v => { values[k] = v; input.value = v; note(); changed(k); };
    setters[k](values[k]);
    return input;
  };
  const f = {
    values, plots, host, numbers,
    still: matchMedia('(prefers-reduced-motion: reduce)'),
    slider(k, text, {min, max, step, value, show = v => kit.fixed(v)}) {
      values[k] = value;
      return add(k, text, make('input', {type: 'range', min, max, step}), show, Number);
    },
    select(k, text, options, value) {
      values[k] = value;
      return add(k, text, make('select', {}, ...options.map(([v, s]) => make('option', {value: v}, s))), null, String);
    },
    button(k, text, press) {
      const o = make('button', {type: 'button', className: 'press', id: `${name}-${k}`}, text);
      o.addEventListener('click', () => { press(); f.redraw(); });
      setters[k] = () => o.click();
      controls.append(o);
      return o;
    },
    plot(height, text, draw, basis) {
      const canvas = make('canvas', {role: 'img', 'aria-label': text}), div = make('div', {className: 'plot'}, canvas);
      if (basis) div.style.flexBasis = basis;
      plots.append(div);
      drawings.push({canvas, height, draw});
      return div;
    },
    setter(k, take) { setters[k] = v => { take(v); f.redraw(); }; },  // for what has no control of its own
    set(k, v) { setters[k](v); },
    note(k) { notes[k](); },  // what is written beside a slider, again
    say(text) { if (numbers.textContent !== text) numbers.textContent = text; },
    redraw() { if (!planned) { planned = true; requestAnimationFrame(paint); } },
  };
  const paint = () => {
    planned = false;
    const col = kit.colours(host), ratio = window.devicePixelRatio || 1;
    for (const {canvas, height, draw} of drawings) {
      const w = canvas.clientWidth, h = typeof height === 'function' ? height(w) : height;
      if (!w) continue;
      canvas.style.height = `${h}px`;
      canvas.width = Math.round(w*ratio); canvas.height = Math.round(h*ratio);
      const g = canvas.getContext('2d');
      g.setTransform(canvas.width/w, 0, 0, canvas.height/h, 0, 0);
      g.clearRect(0, 0, w, h);
      draw(g, w, h, col);
    }
  };
  if (!document.getElementById('moving-style')) document.head.append(make('style', {id: 'moving-style'}, css));
  host.classList.add('live');
  host.setAttribute('role', 'group'); host.setAttribute('aria-label', label);
  own = build(f);
  host.replaceChildren(controls, plots, numbers);
  ready = true;
  own.change?.();
  f.redraw();
  // A new size, another theme (of the system, or of a button on the page), a move to a screen of another density: draw again.
  new ResizeObserver(f.redraw).observe(plots);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', f.redraw);
  const watch = new MutationObserver(() => { f.redraw(); setTimeout(f.redraw, 300); });
  for (const o of [document.documentElement, document.body]) watch.observe(o, {attributes: true, attributeFilter: ['class', 'data-bs-theme', 'style']});
  window.addEventListener('resize', f.redraw);
  figures[name] = {set: f.set, state: () => ({...values, numbers: numbers.textContent, ...own.state()})};
};
})();
