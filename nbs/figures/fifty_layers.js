// Fifty layers of 100 units: what becomes of a signal, for each scale of the weights.
(() => {
'use strict';
const {kit} = miniaiFigures, {fixed, power} = kit;
const depth = 50, n = 100, batch = 32, largest = Math.log10(3.4028235e38), least = Math.log10(2**-150);
const critical = {linear: 1/Math.sqrt(n), relu: Math.SQRT2/Math.sqrt(n)};

// The net at its critical scale, once: log₁₀ of each layer's sizes (−∞ where a ReLU cut), and its second moment. Both kinds of net are
// homogeneous: weights c times as large make the output of layer l larger by cˡ. So a move of the slider is a shift.
let made = {};  // the last one
const net = (act, seed) => {
  if (made.act === act && made.seed === seed) return made;
  const r = kit.random(seed), logs = [], moments = [];
  let x = Float64Array.from({length: batch*n}, r.normal);
  const note = () => {
    let q = 0;
    for (const v of x) q += v*v;
    moments.push(q/x.length);
    logs.push(Float32Array.from(x, v => Math.log10(Math.abs(v))).sort());
  };
  note();
  for (let l = 0; l < depth; l++) {
    const w = Float64Array.from({length: n*n}, () => r.normal()*critical[act]), y = new Float64Array(batch*n);
    for (let b = 0; b < batch; b++) for (let i = 0; i < n; i++) {
      const v = x[b*n + i];
      if (v) for (let j = 0; j < n; j++) y[b*n + j] += v*w[i*n + j];
    }
    x = act === 'relu' ? y.map(v => v > 0 ? v : 0) : y;
    note();
  }
  return made = {act, seed, logs, moments};
};

kit.figure('fifty_layers', 'Fifty layers: a slider for the scale of the weights, and the sizes of the activations by layer', f => {
  const v = f.values;
  f.slider('scale', 'weight scale', {min: -2, max: 0, step: 0.01, value: Math.log10(0.08), show: o => fixed(10**o, 3)});
  f.select('act', 'after each layer', [['linear', 'nothing (linear)'], ['relu', 'ReLU']], 'linear');
  const jump = f.button('critical', '', () => f.set('scale', Math.log10(critical[v.act])));
  let seed = 1;
  f.button('weights', 'other weights', () => { seed = seed % 50 + 1; tell(); });
  f.setter('seed', v => { seed = v; tell(); });
  const find = () => {
    const {logs, moments} = net(v.act, seed), shift = v.scale - Math.log10(critical[v.act]);
    const log = moments.map((q, l) => Math.log10(q) + 2*l*shift);  // log₁₀ of the second moment
    const end = log[depth], rms = end/2;
    const top = l => logs[l][logs[l].length - 1] + l*shift;
    let nonfinite = null, zero = null;
    for (let l = 0; l <= depth; l++) {
      if (nonfinite === null && top(l) > largest) nonfinite = l;
      if (zero === null && top(l) < least) zero = l;
    }
    const verdict = rms < Math.log10(0.05) ? 'vanishes' : rms > Math.log10(20) ? 'explodes' : 'steady';
    return {logs, shift, log, end, verdict, nonfinite, zero, theory: 2*depth*shift};
  };
  const tell = () => {
    const o = find();
    jump.textContent = v.act === 'relu' ? '√2/√100 = 0.141' : '1/√100 = 0.1';
    const sizes = e => Math.abs(e) < 3 ? power(10**e) : `10${e < 0 ? '⁻' : ''}${[...String(Math.abs(Math.round(e)))].map(d => '⁰¹²³⁴⁵⁶⁷⁸⁹'[d]).join('')}`;
    const said = o.nonfinite !== null ? `explodes: in layer ${o.nonfinite} larger than the largest float32, so inf, and then nan`
      : o.zero !== null ? `vanishes: in layer ${o.zero} smaller than the smallest float32, so exactly 0` : o.verdict;
    f.say(`Scale ${fixed(10**v.scale, 3)}, ${v.act === 'relu' ? 'ReLU' : 'linear'}: the signal ${o.verdict === 'steady' ? 'stays ' : ''}${said}. ` +
      `Second moment after ${depth} layers ${sizes(o.end)}; theory ${sizes(o.theory)}.`);
  };
  f.plot(() => f.host.clientWidth < 560 ? 270 : 310, 'histogram of the sizes of the activations, a column for each layer', (g, w, h, col) => {
    const o = find(), box = {x: 44, y: 30, w: w - 56, h: h - 72};
    const far = Math.max(Math.abs(o.theory)/2, Math.abs(o.end)/2) + 2, R = [6, 12, 24, 48, 60].find(r => r >= far) || 60;
    const {X, Y} = kit.axes(g, col, box, {x: [-0.5, depth + 0.5], y: [-R, R], xlabel: 'layer', ylabel: 'size of the activations, |a|',
      yticks: [-1, -0.5, 0, 0.5, 1].map(t => [t*R, kit.decade(t*R)])});
    const bins = 96, counts = new Float64Array(bins), cell = box.w/(depth + 1);
    g.fillStyle = col.c[0];
    for (let l = 0; l <= depth; l++) {
      counts.fill(0);
      let all = 0;
      for (const e of o.logs[l]) {
        const i = Math.floor((e + l*o.shift + R)/(2*R)*bins);
        if (e > -Infinity) { all++; if (i >= 0 && i < bins) counts[i]++; }
      }
      counts.forEach((c, i) => {
        if (!c) return;
        g.globalAlpha = Math.min(1, 0.06 + c/all*40/R);
        g.fillRect(X(l - 0.5), Y(-R + (i + 1)*2*R/bins), cell + 0.4, box.h/bins + 0.4);
      });
    }
    g.globalAlpha = 1;
    g.save(); g.beginPath(); g.rect(box.x, box.y, box.w, box.h); g.clip();
    kit.line(g, [[X(-0.5), Y(0)], [X(50.5), Y(0)]], col.fg, {width: 1, dash: [5, 4]});
    kit.line(g, o.log.map((e, l) => [X(l), Y(e/2)]), col.c[1]);
    // Words stand where the signal is not: it rises to the upper right, or falls to the lower right.
    const up = o.shift > 0;
    g.fillStyle = col.fg;
    for (const [e, text, d, left] of [[largest, 'largest float32', 15, up], [least, 'smallest float32', -6, !up]]) if (Math.abs(e) < R) {
      kit.line(g, [[X(-0.5), Y(e)], [X(50.5), Y(e)]], col.muted, {width: 1, dash: [2, 3]});
      g.textAlign = left ? 'left' : 'right';
      g.fillText(text, left ? X(0) + 4 : box.x + box.w - 6, Y(e) + d);
    }
    g.textAlign = 'left';
    g.fillText('orange: root mean square; dashed: 1', X(0) + 4, Y((up ? -1 : 1)*R*(R < 48 ? 0.87 : 0.5)) + 4);
    g.restore();
  }, '26rem');
  f.plot(() => f.host.clientWidth < 560 ? 200 : 310, 'second moment after fifty layers over the scale of the weights', (g, w, h, col) => {
    const o = find(), c = Math.log10(critical[v.act]), box = {x: 44, y: 30, w: w - 56, h: h - 72};
    const {X, Y} = kit.axes(g, col, box, {x: [-2, 0], y: [-100, 100], xlabel: 'scale of the weights', ylabel: 'second moment after 50 layers',
      xticks: [[-2, '0.01'], [-1, '0.1'], [0, '1']], yticks: [-100, -50, 0, 50, 100].map(e => [e, kit.decade(e)])});
    g.globalAlpha = 0.18;
    g.fillStyle = col.c[0]; g.fillRect(X(-2), box.y, X(c) - X(-2), box.h);
    g.fillStyle = col.c[1]; g.fillRect(X(c), box.y, X(0) - X(c), box.h);
    g.globalAlpha = 1;
    g.save(); g.beginPath(); g.rect(box.x, box.y, box.w, box.h); g.clip();
    kit.line(g, [-2, 0].map(e => [X(e), Y(2*depth*(e - c))]), col.fg, {width: 1});
    kit.line(g, [[X(c), box.y], [X(c), box.y + box.h]], col.fg, {width: 1, dash: [5, 4]});
    g.fillStyle = col.c[1]; g.beginPath(); g.arc(X(v.scale), Y(o.end), 6, 0, 7); g.fill(); g.strokeStyle = col.fg; g.stroke();
    g.restore();
    g.fillStyle = col.fg; g.textAlign = 'left'; g.fillText('vanishes', X(-2) + 6, box.y + 16);
    g.textAlign = 'right'; g.fillText('explodes', X(0) - 6, box.y + box.h - 8);
    g.textAlign = 'left'; g.fillText(v.act === 'relu' ? '√2/√n' : '1/√n', X(c) + 5, box.y + 16);
  });
  return {
    change: tell,
    state() { const o = find(); return {seed, weights: 10**v.scale, log10moments: o.log, verdict: o.verdict, nonfinite: o.nonfinite, zero: o.zero}; },
  };
});
})();
