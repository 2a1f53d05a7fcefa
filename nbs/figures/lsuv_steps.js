// LSUV, a step at a time: measure a layer, subtract the mean from its bias, divide its weights by the std; until it fits.
(() => {
'use strict';
const {kit} = miniaiFigures, {fixed} = kit, depth = 4, nIn = 30, n = 40, batch = 256, close = 0.01, most = 60;
const act = v => (v > 0 ? v : 0.1*v) - 0.4;

// PyTorch's default: weights and biases uniform between ±1/√fan-in. The input is uniform from 0 to 1, as raw images are.
const fresh = seed => {
  const r = kit.random(seed), layers = [];
  for (let l = 0; l < depth; l++) {
    const k = l ? n : nIn, b = 1/Math.sqrt(k), u = () => (2*r.uniform() - 1)*b;
    layers.push({k, w: Float64Array.from({length: n*k}, u), b: Float64Array.from({length: n}, u)});
  }
  return {layers, x: Float64Array.from({length: batch*nIn}, r.uniform)};
};
// What each layer outputs before its activation, and after it.
const run = net => {
  let x = net.x;
  return net.layers.map(({k, w, b}) => {
    const y = new Float64Array(batch*n);
    for (let s = 0; s < batch; s++) for (let i = 0; i < n; i++) {
      let sum = b[i];
      for (let j = 0; j < k; j++) sum += w[i*k + j]*x[s*k + j];
      y[s*n + i] = sum;
    }
    x = y.map(act);
    return {before: y, after: x};
  });
};

kit.figure('lsuv_steps', 'LSUV step by step: measure, subtract, divide, layer by layer', f => {
  const v = f.values;
  let seed = 1, net, outs, stats, at, phase, passes, found, last;
  f.select('on', 'what shall have mean 0, std 1', [['after', 'the activation'], ['before', 'the layer itself']], 'after');
  const look = () => { outs = run(net).map(o => o[v.on]); stats = outs.map(kit.stats); };
  const reset = () => {
    net = fresh(seed); at = 0; phase = 'measure'; passes = Array(depth).fill(0); found = null;
    last = 'PyTorch\'s default initialization. Next: measure layer 1.';
    look();
  };
  const step = () => {
    if (at >= depth) return;
    const layer = net.layers[at], name = `Layer ${at + 1}`;
    if (phase === 'measure') {
      found = {...stats[at]}; passes[at]++;
      const text = `${name}, pass ${passes[at]}: mean ${fixed(found.mean, 3)}, std ${fixed(found.std, 3)}`;
      if (Math.abs(found.mean) < close && Math.abs(found.std - 1) < close) {
        at++;
        last = `${text}. Within ${close}: done. ${at < depth ? `Next: measure layer ${at + 1}.` : 'All four layers are set.'}`;
      } else if (passes[at] >= most) { at = depth; last = `${text}. Not there after ${most} passes.`; }
      else { phase = 'subtract'; last = `${text}. Next: subtract the mean from the bias.`; }
    } else if (phase === 'subtract') {
      for (let i = 0; i < n; i++) layer.b[i] -= found.mean;
      phase = 'divide'; last = `${name}: subtracted ${fixed(found.mean, 3)} from the bias. Next: divide the ${v.on === 'before' ? 'weights and the bias' : 'weights'} by ${fixed(found.std, 3)}.`;
      if (v.on === 'before') last = `${name}: subtracted ${fixed(found.mean, 3)} from the bias: the mean is 0 at once. Next: divide by ${fixed(found.std, 3)}.`;
    } else {
      for (let i = 0; i < layer.w.length; i++) layer.w[i] /= found.std;
      if (v.on === 'before') for (let i = 0; i < n; i++) layer.b[i] /= found.std;
      phase = 'measure'; last = `${name}: divided by ${fixed(found.std, 3)}. Next: measure again.`;
    }
    look();
  };
  const go = f.button('step', 'step', () => { step(); tell(); });
  f.button('layer', 'finish this layer', () => { const l = at; while (at === l && at < depth) step(); tell(); });
  f.button('all', 'all layers', () => { while (at < depth) step(); tell(); });
  f.button('reset', 'reset', () => { reset(); tell(); });
  f.button('weights', 'other weights', () => { seed = seed % 50 + 1; reset(); tell(); });
  const tell = () => {
    go.textContent = at >= depth ? 'done' : phase;
    f.say(`${last} Now: ${stats.map((s, i) => `layer ${i + 1} mean ${fixed(s.mean)}, std ${fixed(s.std)}`).join('; ')}. Passes: ${passes.join(', ')}.`);
  };
  for (let l = 0; l < depth; l++) f.plot(190, `histogram of what layer ${l + 1} outputs`, (g, w, h, col) => {
    const box = {x: 12, y: 40, w: w - 24, h: h - 82}, bins = 48, counts = Array(bins).fill(0);
    const {X, Y} = kit.axes(g, col, box, {x: [-3, 3], y: [0, 2], yticks: [], xticks: [-2, 0, 2], xlabel: v.on === 'after' ? 'activation' : 'output of the layer'});
    for (const o of outs[l]) { const i = Math.floor((o + 3)/6*bins); if (i >= 0 && i < bins) counts[i]++; }
    g.fillStyle = col.c[l === at ? 1 : 0];
    counts.forEach((c, i) => {
      const y = Y(Math.min(2, c/outs[l].length*bins/6));
      g.fillRect(X(-3 + 6*i/bins), y, box.w/bins + 0.3, Y(0) - y);
    });
    kit.line(g, [[X(0), box.y], [X(0), Y(0)]], col.fg, {width: 1, dash: [5, 4]});
    g.fillStyle = col.fg; g.textAlign = 'left'; g.font = `${l === at ? 'bold ' : ''}13px system-ui, sans-serif`;
    g.fillText(`layer ${l + 1}${l === at ? ': now' : l < at ? ': set' : ''}`, 12, 15);
    g.font = '13px system-ui, sans-serif';
    g.fillText(`mean ${fixed(stats[l].mean)}, std ${fixed(stats[l].std)}`, 12, 32);
  }, '9.5rem');
  reset();
  return {
    change(k) { if (k === 'on') reset(); tell(); },
    state: () => ({seed, at, phase, passes: [...passes], stats, layers: net.layers.map(o => ({w: [...o.w], b: [...o.b]})), x: [...net.x], done: at >= depth}),
  };
});
})();
