// Runs a part of a model in the browser: the same operations as the program's, one example at a time.
//
// A network is a list of nodes in an order in which they can be computed. A node has an operation `o`, the shape of its
// result `s`, the nodes it is computed from `i`, and what else the operation needs. All values are float32, row-major.
"use strict";

const latentNetwork = (() => {
  const size = (shape) => shape.reduce((product, length) => product * length, 1);

  function stridesOf(shape) {
    const strides = new Array(shape.length);
    for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
      strides[axis] = step;
      step *= shape[axis];
    }
    return strides;
  }

  // For each element of a shape, where it comes from: `place(index)` of its indices, -1 for nowhere.
  function placesOf(shape, place) {
    const places = new Int32Array(size(shape));
    const index = new Array(shape.length).fill(0);
    for (let element = 0; element < places.length; element++) {
      places[element] = place(index);
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        if (++index[axis] < shape[axis]) break;
        index[axis] = 0;
      }
    }
    return places;
  }

  // The error function by its series near zero and its continued fraction's form elsewhere (Abramowitz & Stegun 7.1.26 is too
  // coarse: this is Numerical Recipes' erfc, relative error below 1.2e-7).
  function erf(x) {
    const t = 1 / (1 + 0.5 * Math.abs(x));
    const series = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
      1.00002368, -1.26551223].reduce((sum, term) => sum * t + term, 0);
    const tail = t * Math.exp(-x * x + series);
    return x >= 0 ? 1 - tail : tail - 1;
  }

  function roundHalfToEven(x) {
    const low = Math.floor(x);
    const rest = x - low;
    if (rest !== 0.5) return Math.round(x);
    return low % 2 === 0 ? low : low + 1;
  }

  const unary = {
    negate: (x) => -x, abs: Math.abs, sign: Math.sign, floor: Math.floor, ceil: Math.ceil,
    roundNearestEven: roundHalfToEven, squareRoot: Math.sqrt, reciprocalSquareRoot: (x) => 1 / Math.sqrt(x),
    exponential: Math.exp, exponentialMinusOne: Math.expm1, logarithm: Math.log, logarithmPlusOne: Math.log1p,
    tanh: Math.tanh, logistic: (x) => 1 / (1 + Math.exp(-x)), erf, sine: Math.sin, cosine: Math.cos,
    softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), isFinite: (x) => +Number.isFinite(x),
    not: (x) => +(x === 0),
  };
  const binary = {
    add: (x, y) => x + y, subtract: (x, y) => x - y, multiply: (x, y) => x * y, divide: (x, y) => x / y,
    remainder: (x, y) => x % y, power: Math.pow, atan2: Math.atan2, maximum: Math.max, minimum: Math.min,
    and: (x, y) => +(x !== 0 && y !== 0), or: (x, y) => +(x !== 0 || y !== 0), xor: (x, y) => +((x !== 0) !== (y !== 0)),
    equal: (x, y) => +(x === y), notEqual: (x, y) => +(x !== y), less: (x, y) => +(x < y),
    lessOrEqual: (x, y) => +(x <= y), greater: (x, y) => +(x > y), greaterOrEqual: (x, y) => +(x >= y),
  };

  // What computes a node: a function that fills `out` from the operands' values.
  function step(node, shapes, out) {
    const [x, y] = node.i;
    const [shape, other] = [shapes[x], shapes[y]];
    const gatherPlaces = (places) => (values) => {
      const from = values[x];
      for (let element = 0; element < out.length; element++) out[element] = from[places[element]];
    };
    if (unary[node.o]) {
      const f = unary[node.o];
      return (values) => {
        const from = values[x];
        for (let element = 0; element < out.length; element++) out[element] = f(from[element]);
      };
    }
    if (binary[node.o]) {
      const f = binary[node.o];
      return (values) => {
        const [left, right] = [values[x], values[y]];
        for (let element = 0; element < out.length; element++) out[element] = f(left[element], right[element]);
      };
    }
    switch (node.o) {
      case "select":
        return (values) => {
          const [test, left, right] = node.i.map((operand) => values[operand]);
          for (let element = 0; element < out.length; element++) out[element] = test[element] ? left[element] : right[element];
        };
      case "truncate":
        return (values) => {
          for (let element = 0; element < out.length; element++) out[element] = Math.trunc(values[x][element]);
        };
      case "nonzero":
        return (values) => {
          for (let element = 0; element < out.length; element++) out[element] = +(values[x][element] !== 0);
        };
      case "reduce": {
        const kept = shape.map((_, axis) => axis).filter((axis) => !node.axes.includes(axis));
        const strides = stridesOf(node.s);
        const targets = placesOf(shape, (index) => kept.reduce((sum, axis, place) => sum + index[axis] * strides[place], 0));
        const [start, combine] = { sum: [0, binary.add], maximum: [-Infinity, Math.max], minimum: [Infinity, Math.min] }[node.kind];
        const sums = new Float64Array(out.length);
        return (values) => {
          sums.fill(start);
          const from = values[x];
          for (let element = 0; element < from.length; element++) {
            sums[targets[element]] = combine(sums[targets[element]], from[element]);
          }
          out.set(sums);
        };
      }
      case "argument": {
        const strides = stridesOf(shape);
        const kept = shape.map((_, axis) => axis).filter((axis) => axis !== node.axis);
        const starts = placesOf(node.s, (index) => kept.reduce((sum, axis, place) => sum + index[place] * strides[axis], 0));
        return (values) => {
          for (let element = 0; element < out.length; element++) {
            let best = 0;
            const value = (place) => values[x][starts[element] + place * strides[node.axis]] * (node.kind === "maximum" ? 1 : -1);
            for (let place = 1; place < shape[node.axis]; place++) if (value(place) > value(best)) best = place;
            out[element] = best;
          }
        };
      }
      case "broadcast": {
        const strides = stridesOf(shape);
        return gatherPlaces(placesOf(node.s, (index) =>
          node.map.reduce((sum, target, axis) => sum + (shape[axis] === 1 ? 0 : index[target] * strides[axis]), 0)));
      }
      case "transpose": {
        const strides = stridesOf(shape);
        return gatherPlaces(placesOf(node.s, (index) =>
          node.order.reduce((sum, axis, place) => sum + index[place] * strides[axis], 0)));
      }
      case "slice": {
        const strides = stridesOf(shape);
        return gatherPlaces(placesOf(node.s, (index) =>
          index.reduce((sum, place, axis) => sum + (node.starts[axis] + place * node.strides[axis]) * strides[axis], 0)));
      }
      case "reverse": {
        const strides = stridesOf(shape);
        return gatherPlaces(placesOf(node.s, (index) =>
          index.reduce((sum, place, axis) =>
            sum + (node.axes.includes(axis) ? shape[axis] - 1 - place : place) * strides[axis], 0)));
      }
      case "pad": {
        const strides = stridesOf(shape);
        const places = placesOf(node.s, (index) => {
          let sum = 0;
          for (let axis = 0; axis < shape.length; axis++) {
            const distance = index[axis] - node.low[axis];
            const place = distance / (node.interior[axis] + 1);
            if (distance < 0 || !Number.isInteger(place) || place >= shape[axis]) return -1;
            sum += place * strides[axis];
          }
          return sum;
        });
        return (values) => {
          for (let element = 0; element < out.length; element++) {
            out[element] = places[element] < 0 ? values[y][0] : values[x][places[element]];
          }
        };
      }
      case "concatenate": {
        const inner = size(node.s.slice(node.axis + 1));
        const outer = size(node.s.slice(0, node.axis));
        return (values) => {
          let start = 0;
          for (const operand of node.i) {
            const width = shapes[operand][node.axis] * inner;
            for (let row = 0; row < outer; row++) {
              out.set(values[operand].subarray(row * width, (row + 1) * width), row * node.s[node.axis] * inner + start);
            }
            start += width;
          }
        };
      }
      case "gather": {
        const inner = size(shape.slice(node.axis + 1));
        const outer = size(shape.slice(0, node.axis));
        const [length, count] = [shape[node.axis], other[0]];
        return (values) => {
          for (let row = 0; row < outer; row++) {
            for (let place = 0; place < count; place++) {
              const index = Math.min(Math.max(values[y][place], 0), length - 1);
              const from = (row * length + index) * inner;
              out.set(values[x].subarray(from, from + inner), (row * count + place) * inner);
            }
          }
        };
      }
      case "dot": return dot(node, shape, other, out);
      case "convolution": return convolution(node, shape, other, out);
      default: throw new Error(`unknown operation ${node.o}`);
    }
  }

  function dot(node, shape, other, out) {
    const [x, y] = node.i;
    const rank = shape.length;
    const [rows, columns] = node.s.slice(-2);
    const inner = node.left ? shape[rank - 2] : shape[rank - 1];
    const batches = size(shape.slice(0, -2));
    const sum = new Float64Array(columns);
    return (values) => {
      const [left, right] = [values[x], values[y]];
      for (let batch = 0; batch < batches; batch++) {
        const [a, b] = [batch * rows * inner, batch * inner * columns];
        for (let row = 0; row < rows; row++) {
          sum.fill(0);
          for (let k = 0; k < inner; k++) {
            const factor = left[a + (node.left ? k * rows + row : row * inner + k)];
            if (node.right) {
              for (let column = 0; column < columns; column++) sum[column] += factor * right[b + column * inner + k];
            } else {
              const start = b + k * columns;
              for (let column = 0; column < columns; column++) sum[column] += factor * right[start + column];
            }
          }
          out.set(sum, (batch * rows + row) * columns);
        }
      }
    };
  }

  // Layouts: input [N, H, W, I], kernel [KH, KW, I / groups, O], output [N, OH, OW, O].
  function convolution(node, shape, kernelShape, out) {
    const [x, y] = node.i;
    const isForward = node.direction === "forward";
    const inputShape = isForward ? shape : node.s;
    const outputShape = isForward ? node.s : shape;
    const [count, height, width, inputs] = inputShape;
    const [, outputHeight, outputWidth, outputs] = outputShape;
    const [kernelHeight, kernelWidth, groupInputs] = kernelShape;
    const groupOutputs = outputs / node.groups;
    return (values) => {
      const [from, kernel] = [values[x], values[y]];
      out.fill(0);
      for (let n = 0; n < count; n++) for (let oy = 0; oy < outputHeight; oy++) for (let ox = 0; ox < outputWidth; ox++) {
        const output = ((n * outputHeight + oy) * outputWidth + ox) * outputs;
        for (let ky = 0; ky < kernelHeight; ky++) {
          const iy = oy * node.strides[0] - node.low[0] + ky * node.dilations[0];
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const ix = ox * node.strides[1] - node.low[1] + kx * node.dilations[1];
            if (ix < 0 || ix >= width) continue;
            const input = ((n * height + iy) * width + ix) * inputs;
            for (let group = 0; group < node.groups; group++) for (let i = 0; i < groupInputs; i++) {
              const weights = ((ky * kernelWidth + kx) * groupInputs + i) * outputs + group * groupOutputs;
              const place = input + group * groupInputs + i;
              const first = output + group * groupOutputs;
              if (isForward) {
                const factor = from[place];
                for (let o = 0; o < groupOutputs; o++) out[first + o] += factor * kernel[weights + o];
              } else {
                let sum = 0;
                for (let o = 0; o < groupOutputs; o++) sum += from[first + o] * kernel[weights + o];
                out[place] += sum;
              }
            }
          }
        }
      }
    };
  }

  function decoded(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }

  // A function from inputs by name to the outputs' values.
  function compile(network) {
    const weights = decoded(network.weights);
    const { nodes } = network;
    const shapes = nodes.map((node) => node.s);
    const values = new Array(nodes.length);
    const isFixed = nodes.map(() => false);
    const steps = [];
    nodes.forEach((node, index) => {
      if (node.o === "input") {
        values[index] = new Float32Array(size(node.s));
      } else if (node.o === "weight") {
        values[index] = weights.subarray(node.at, node.at + size(node.s));
        isFixed[index] = true;
      } else if (node.o === "constant") {
        const numbers = node.values.map((value) => (typeof value === "string" ? Number(value) : value));
        values[index] = numbers.length === 1 ? new Float32Array(size(node.s)).fill(numbers[0]) : Float32Array.from(numbers);
        isFixed[index] = true;
      } else if (node.o === "iota") {
        values[index] = Float32Array.from(placesOf(node.s, (place) => place[node.axis]));
        isFixed[index] = true;
      } else if (node.o === "same") {
        values[index] = values[node.i[0]];
        isFixed[index] = isFixed[node.i[0]];
      } else {
        values[index] = new Float32Array(size(node.s));
        const run = step(node, shapes, values[index]);
        isFixed[index] = node.i.every((operand) => isFixed[operand]);
        // What no input has a say in is computed once.
        if (isFixed[index]) run(values); else steps.push(run);
      }
    });
    return (inputs) => {
      for (const [name, index] of Object.entries(network.inputs)) values[index].set(inputs[name]);
      for (const run of steps) run(values);
      return network.outputs.map((index) => values[index]);
    };
  }

  return { compile, decoded };
})();
