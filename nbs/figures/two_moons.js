// A small net, trained on this page: six layers of 16 units on two moons, with an initialization, an activation and a learning rate to choose.
(() => {
'use strict';
const {kit} = miniaiFigures, {power} = kit, N = 200, sizes = [2, 16, 16, 16, 16, 16, 16, 1], L = sizes.length - 1, momentum = 0.9;
// The balanced GeneralReLU of leak 0.1, and the gains that Kaiming's initialization takes: √2, 5/3 for tanh, as PyTorch's calculate_gain.
const lean = 0.9/Math.sqrt(2*Math.PI), balancedGain = 1/Math.sqrt(0.505 - lean*lean), sub = balancedGain*lean;
const acts = {
  relu: {f: z => z > 0 ? z : 0, d: z => z > 0 ? 1 : 0, gain: Math.SQRT2},
  tanh: {f: Math.tanh, d: (z, a) => 1 - a*a, gain: 5/3},
  general: {f: z => (z > 0 ? z : 0.1*z) - sub, d: z => z > 0 ? 1 : 0.1, gain: balancedGain},
};
const inits = {
  small: ['Too small', (i, o) => 0.3/Math.sqrt(i)],
  default: ['PyTorch\'s default', null],
  xavier: ['Xavier (Glorot)', (i, o) => Math.sqrt(2/(i + o))],
  kaiming: ['Kaiming (He)', (i, o, gain) => gain/Math.sqrt(i)],
  large: ['Too large', (i, o) => 3/Math.sqrt(i)],
};

const data = (() => {
  const r = kit.random(5), x = new Float64Array(2*N), y = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    const t = Math.PI*r.uniform();
    y[i] = i % 2;
    x[2*i] = (y[i] ? 1 - Math.cos(t) : Math.cos(t)) + 0.12*r.normal();
    x[2*i + 1] = (y[i] ? 0.5 - Math.sin(t) : Math.sin(t)) + 0.12*r.normal();
  }
  for (const c of [0, 1]) {  // each coordinate standardized
    const s = kit.stats(x.filter((o, i) => i % 2 === c));
    for (let i = c; i < 2*N; i += 2) x[i] = (x[i] - s.mean)/s.std;
  }
  return {x, y};
})();

const make = (init, act, seed) => {
  const r = kit.random(seed), std = inits[init][1];
  return Array.from({length: L}, (_, l) => {
    const i = sizes[l], o = sizes[l + 1], b = 1/Math.sqrt(i), uniform = () => (2*r.uniform() - 1)*b;
    const w = Float64Array.from({length: i*o}, std ? () => r.normal()*std(i, o, acts[act].gain) : uniform);
    const bias = Float64Array.from({length: o}, std ? () => 0 : uniform);
    return {w, b: bias, mw: new Float64Array(i*o), mb: new Float64Array(o)};
  });
};
const forward = (net, act, x, m) => {
  const zs = [], as = [x], {f} = acts[act];
  net.forEach(({w, b}, l) => {
    const i = sizes[l], o = sizes[l + 1], a = as[l], z = new Float64Array(m*o);
    for (let s = 0; s < m; s++) for (let j = 0; j < o; j++) {
      let sum = b[j];
      for (let k = 0; k < i; k++) sum += w[j*i + k]*a[s*i + k];
      z[s*o + j] = sum;
    }
    zs.push(z);
    as.push(l < L - 1 ? z.map(f) : z);
  });
  return {zs, as};
};
// Binary cross-entropy of the scores, without overflow.
const lossOf = z => { let sum = 0; z.forEach((v, i) => { sum += Math.max(v, 0) - v*data.y[i] + Math.log1p(Math.exp(-Math.abs(v))); }); return sum/N; };
const backward = (net, act, {zs, as}) => {
  let g = zs[L - 1].map((v, i) => (1/(1 + Math.exp(-v)) - data.y[i])/N);
  const grads = [];
  for (let l = L - 1; l >= 0; l--) {
    const i = sizes[l], o = sizes[l + 1], {w} = net[l], a = as[l], gw = new Float64Array(i*o), gb = new Float64Array(o), ga = new Float64Array(N*i);
    for (let s = 0; s < N; s++) for (let j = 0; j < o; j++) {
      const v = g[s*o + j];
      if (v === 0) continue;
      gb[j] += v;
      for (let k = 0; k < i; k++) { gw[j*i + k] += v*a[s*i + k]; ga[s*i + k] += v*w[j*i + k]; }
    }
    grads[l] = {gw, gb};
    if (l) g = ga.map((v, q) => v*acts[act].d(zs[l - 1][q], as[l][q]));
  }
  return grads;
};

kit.figure('two_moons', 'A small net trained on this page, on two moons', f => {
  const v = f.values, span = [-2.3, 2.3];
  let seed = 1, net, pass, losses, first, running = false;
  f.select('init', 'initialization', Object.entries(inits).map(([k, o]) => [k, o[0]]), 'default');
  f.select('act', 'activation', [['relu', 'ReLU'], ['tanh', 'tanh'], ['general', 'GeneralReLU, balanced']], 'relu');
  f.slider('rate', 'learning rate', {min: -3, max: 1, step: 0.1, value: -1, show: o => power(10**o)});
  const stds = () => pass.as.slice(0, L).map(a => kit.stats(a).std);
  const look = () => { pass = forward(net, v.act, data.x, N); losses.push(lossOf(pass.zs[L - 1])); };
  const reset = () => { net = make(v.init, v.act, seed); losses = []; look(); first = stds(); };
  const failed = () => !Number.isFinite(losses[losses.length - 1]);
  const step = () => {
    if (failed()) return;
    const rate = 10**v.rate;
    backward(net, v.act, pass).forEach(({gw, gb}, l) => {
      const {w, b, mw, mb} = net[l];
      for (let i = 0; i < w.length; i++) { mw[i] = momentum*mw[i] + gw[i]; w[i] -= rate*mw[i]; }
      for (let i = 0; i < b.length; i++) { mb[i] = momentum*mb[i] + gb[i]; b[i] -= rate*mb[i]; }
    });
    look();
  };
  const right = () => { let c = 0; pass.zs[L - 1].forEach((z, i) => { c += (z > 0) === (data.y[i] === 1); }); return c/N; };
  const tell = () => {
    const loss = losses[losses.length - 1], steps = losses.length - 1;
    f.say(`${inits[v.init][0]}, rate ${power(10**v.rate)}, step ${steps}: loss ${power(loss)}${failed() ? ': the run has failed' : `, ${Math.round(100*right())} % right`}. ` +
      (failed() ? '' : `Std of the activations, layers 1 to ${L - 1}: ${stds().slice(1).map(power).join(', ')}.`));
  };
  const stop = () => { running = false; run.textContent = 'run'; f.numbers.setAttribute('aria-live', 'polite'); };
  const most = 2000;
  const loop = () => {
    if (!running) return;
    const until = performance.now() + 25;
    do step(); while (performance.now() < until && (losses.length - 1) % 10 && !failed());
    if (failed() || losses.length > most) stop();
    tell(); f.redraw();
    if (running) requestAnimationFrame(loop);
  };
  f.button('step', 'step', () => { stop(); step(); tell(); });
  const run = f.button('run', 'run', () => {
    if (running) { stop(); tell(); return; }
    if (f.still.matches) { for (let i = 0; i < 200; i++) step(); tell(); return; }  // no motion: straight to the end
    if (failed() || losses.length > most) reset();
    running = true; run.textContent = 'stop'; f.numbers.setAttribute('aria-live', 'off');  // read out where it stops
    loop();
  });
  f.button('reset', 'reset', () => { stop(); reset(); tell(); });
  f.button('weights', 'other weights', () => { stop(); seed = seed % 50 + 1; reset(); tell(); });

  const moons = f.plot(w => Math.min(400, w + 6), 'the two moons, and what the net says of each place', (g, w, h, col) => {
    const side = Math.min(w - 46, h - 72), box = {x: 34, y: 30, w: side, h: side};
    const {X, Y} = kit.axes(g, col, box, {x: span, y: span, xticks: [-2, 0, 2], yticks: [-2, 0, 2], xlabel: 'first coordinate', ylabel: 'second coordinate'});
    const m = 44, grid = new Float64Array(2*m*m), d = (span[1] - span[0])/m;
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) { grid[2*(i*m + j)] = span[0] + (j + 0.5)*d; grid[2*(i*m + j) + 1] = span[1] - (i + 0.5)*d; }
    const z = forward(net, v.act, grid, m*m).zs[L - 1], image = kit.make('canvas', {width: m, height: m}), p2 = image.getContext('2d');
    z.forEach((s, q) => {
      const p = 1/(1 + Math.exp(-s));
      if (Number.isNaN(p)) return;
      p2.fillStyle = col.c[p > 0.5 ? 1 : 0]; p2.globalAlpha = 0.5*Math.abs(2*p - 1);
      p2.fillRect(q % m, Math.floor(q/m), 1, 1);
    });
    g.drawImage(image, box.x, box.y, side, side);
    g.strokeStyle = col.bg; g.lineWidth = 1;
    for (let i = 0; i < N; i++) {
      g.fillStyle = col.c[data.y[i]]; g.beginPath();
      if (data.y[i]) g.arc(X(data.x[2*i]), Y(data.x[2*i + 1]), 3.5, 0, 7);
      else g.rect(X(data.x[2*i]) - 3, Y(data.x[2*i + 1]) - 3, 6, 6);
      g.fill(); g.stroke();
    }
  });
  const half = f.plot(190, 'loss by step', (g, w, h, col) => {
    const box = {x: 44, y: 30, w: w - 56, h: h - 72}, end = Math.max(100, losses.length - 1), Lg = o => Math.log10(Math.max(1e-9, Math.min(1e9, o)));
    const {X, Y} = kit.axes(g, col, box, {x: [0, end], y: [-4, 2], xlabel: 'step', ylabel: 'loss',
      yticks: [-4, -2, 0, 2].map(e => [e, kit.decade(e)])});
    kit.line(g, [[X(0), Y(Math.log10(Math.LN2))], [X(end), Y(Math.log10(Math.LN2))]], col.fg, {width: 1, dash: [5, 4]});
    g.save(); g.beginPath(); g.rect(box.x, box.y, box.w, box.h); g.clip();
    kit.line(g, losses.filter(Number.isFinite).map((o, i) => [X(i), Y(Lg(o))]), col.c[0]);
    g.restore();
    g.fillStyle = col.fg; g.textAlign = 'right'; g.fillText('dashed: chance level, ln 2', box.x + box.w - 6, box.y + 16);
    if (failed()) { g.textAlign = 'center'; g.fillText('the loss is no longer finite', box.x + box.w/2, box.y + box.h - 10); }
  });
  f.plot(190, 'standard deviation of the activations by layer, at initialization and now', (g, w, h, col) => {
    const box = {x: 44, y: 30, w: w - 56, h: h - 72}, Lg = o => Math.log10(Math.max(1e-9, Math.min(1e9, o)));
    const now = stds().map(Lg), then = first.map(Lg), all = failed() ? then : [...now, ...then];
    const lo = Math.min(-2, Math.floor(Math.min(...all))), hi = Math.max(1, Math.ceil(Math.max(...all)));
    const jump = Math.ceil((hi - lo)/4), t = [];
    for (let e = Math.ceil(lo/jump)*jump; e <= hi; e += jump) t.push([e, kit.decade(e)]);
    const {X, Y} = kit.axes(g, col, box, {x: [-0.4, L - 0.6], y: [lo, hi], xticks: [0, 1, 2, 3, 4, 5, 6].map(o => [o, o ? String(o) : 'input']), yticks: t,
      xlabel: 'layer', ylabel: 'std of the activations'});
    kit.line(g, [[X(-0.4), Y(0)], [X(L - 0.6), Y(0)]], col.fg, {width: 1, dash: [5, 4]});
    const dot = (e, l, full, c) => { g.beginPath(); g.arc(X(l), Y(e), 5, 0, 7); g.fillStyle = g.strokeStyle = c; g.lineWidth = 2; if (full) g.fill(); else g.stroke(); };
    kit.line(g, then.map((e, l) => [X(l), Y(e)]), col.muted, {width: 1}); then.forEach((e, l) => dot(e, l, false, col.muted));
    if (!failed()) { kit.line(g, now.map((e, l) => [X(l), Y(e)]), col.c[0]); now.forEach((e, l) => dot(e, l, true, col.c[0])); }
    g.fillStyle = col.fg; g.textAlign = 'left'; g.fillText('rings: at initialization, dots: now', box.x + 6, box.y + box.h - 8);
  });
  // Loss above the standard deviations, both beside the moons.
  const column = kit.make('div', {}, half, half.parentNode.lastChild);
  moons.style.maxWidth = '24rem';
  column.style.cssText = 'flex: 2 1 16rem; min-width: 0';
  f.plots.append(column);
  reset();
  return {
    change(k) { if (k !== 'rate') { stop(); reset(); } tell(); },
    state: () => ({seed, running, losses: [...losses], stds: stds(), first, accuracy: right(), x: [...data.x], y: [...data.y],
      layers: net.map(o => ({w: [...o.w], b: [...o.b]}))}),
  };
});
})();
