// The explorer: sliders for the latents, a map of the codes, draws from the prior, and ways between examples. The decoder runs
// here, in the page.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const decode = latentNetwork.compile(data.network);
  const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b48c00", "#7a7a7a", "#8d62c9", "#c03b3b", "#4f8f2f"];
  const $ = (id) => document.getElementById(id);
  const rows = (text) => {
    const values = latentNetwork.decoded(text);
    return Array.from({ length: values.length / data.latents }, (_, row) =>
      values.subarray(row * data.latents, (row + 1) * data.latents));
  };
  const codes = rows(data.codes);
  const draws = rows(data.draws);
  const size = data.shape.reduce((product, length) => product * length, 1);
  // Pictures are bytes, other examples float32.
  const examples = data.isPicture
    ? Uint8Array.from(atob(data.pictures), (character) => character.charCodeAt(0)) : latentNetwork.decoded(data.pictures);
  const state = { z: new Float32Array(data.latents), label: 0, draw: 0, ends: [0, 1], chosen: 0 };

  // MARK: Drawing

  function decoded(z) {
    const inputs = { z };
    if ("condition" in data.network.inputs) {
      inputs.condition = new Float32Array(data.classes);
      inputs.condition[state.label] = 1;
    }
    return decode(inputs)[0];
  }

  // Values in [0, 1] of an example as a picture.
  function paint(canvas, values, scale) {
    const [height, width, channels] = data.shape;
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const picture = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = values[pixel * channels + (channels === 3 ? channel : 0)] * scale;
        picture.data[4 * pixel + channel] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
      }
      picture.data[4 * pixel + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }

  // Values of an example that is no picture, as bars.
  function plot(canvas, values) {
    canvas.width = 640;
    canvas.height = 400;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.body);
    context.fillStyle = style.getPropertyValue("--card");
    context.fillRect(0, 0, 640, 400);
    const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    const low = values.some((value) => value < 0) ? -limit : 0;
    const y = (value) => 390 - ((value - low) / (limit - low)) * 380;
    context.fillStyle = style.getPropertyValue("--accent");
    values.forEach((value, place) => {
      const width = 640 / values.length;
      context.fillRect(place * width, Math.min(y(value), y(0)), Math.max(1, width - 1), Math.max(1, Math.abs(y(value) - y(0))));
    });
  }

  const show = (canvas, values, scale = 1) => (data.isPicture ? paint(canvas, values, scale) : plot(canvas, values));

  let isWaiting = false;
  function refresh() {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      const start = performance.now();
      show($("picture"), decoded(state.z));
      $("time").textContent = `${(performance.now() - start).toFixed(1)} ms a frame`;
      for (const slider of document.querySelectorAll("#sliders input")) {
        const value = state.z[Number(slider.dataset.latent)];
        slider.value = value;
        slider.nextElementSibling.textContent = value.toFixed(2);
      }
      drawMap();
    });
  }

  function moveTo(z) {
    state.z.set(z);
    refresh();
  }

  // MARK: Sliders

  data.order.forEach((latent, place) => {
    const row = document.createElement("label");
    row.className = "slider";
    const title = document.createElement("span");
    title.textContent = `z${latent} `;
    const note = document.createElement("span");
    note.className = "soft small";
    note.textContent = data.measures[place];
    title.append(note);
    const slider = document.createElement("input");
    slider.type = "range";
    [slider.min, slider.max] = data.ranges[place];
    slider.step = 0.01;
    slider.dataset.latent = latent;
    slider.addEventListener("input", () => {
      state.z[latent] = Number(slider.value);
      refresh();
    });
    row.append(title, slider, document.createElement("output"));
    $("sliders").append(row);
  });

  // MARK: Map

  const axes = [$("across"), $("up")];
  axes.forEach((select, axis) => {
    data.order.forEach((latent) => select.add(new Option(`z${latent}`, latent)));
    select.selectedIndex = Math.min(axis, data.order.length - 1);
    select.addEventListener("change", refresh);
  });
  const side = 400;
  const latentOf = (axis) => Number(axes[axis].value);
  const rangeOf = (axis) => data.ranges[data.order.indexOf(latentOf(axis))];
  const placeOf = (axis, value) => {
    const [low, high] = rangeOf(axis);
    const share = (value - low) / (high - low);
    return side * (axis === 0 ? share : 1 - share);
  };

  function drawMap() {
    const canvas = $("map");
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.body);
    context.fillStyle = style.getPropertyValue("--paper");
    context.fillRect(0, 0, side, side);
    codes.forEach((code, row) => {
      context.fillStyle = palette[data.labels.length ? data.labels[row] % palette.length : 0] + "b0";
      context.beginPath();
      context.arc(placeOf(0, code[latentOf(0)]), placeOf(1, code[latentOf(1)]), 2.5, 0, 2 * Math.PI);
      context.fill();
    });
    const [x, y] = [placeOf(0, state.z[latentOf(0)]), placeOf(1, state.z[latentOf(1)])];
    context.strokeStyle = style.getPropertyValue("--ink");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.moveTo(x - 12, y);
    context.lineTo(x + 12, y);
    context.moveTo(x, y - 12);
    context.lineTo(x, y + 12);
    context.stroke();
  }

  function point(event) {
    const box = $("map").getBoundingClientRect();
    [0, 1].forEach((axis) => {
      const share = axis === 0 ? (event.clientX - box.left) / box.width : 1 - (event.clientY - box.top) / box.height;
      const [low, high] = rangeOf(axis);
      state.z[latentOf(axis)] = low + Math.min(Math.max(share, 0), 1) * (high - low);
    });
    refresh();
  }
  $("map").addEventListener("pointerdown", (event) => {
    if (event.pointerId !== undefined && event.isTrusted) $("map").setPointerCapture(event.pointerId);
    point(event);
  });
  $("map").addEventListener("pointermove", (event) => { if (event.buttons) point(event); });
  if (data.labels.length) {
    const classes = [...new Set(data.labels)].sort((left, right) => left - right);
    classes.forEach((label) => {
      const entry = document.createElement("span");
      const dot = document.createElement("span");
      dot.textContent = "● ";
      dot.style.color = palette[label % palette.length];
      entry.append(dot, String(label));
      $("legend").append(entry);
    });
  }

  // MARK: Draws and examples

  $("draw").addEventListener("click", () => {
    // Where the prior depends on the class, a draw is one of its own.
    const place = state.draw++ % draws.length;
    if (data.drawLabels.length) $("label").value = state.label = data.drawLabels[place];
    moveTo(draws[place]);
  });
  $("zero").addEventListener("click", () => moveTo(new Float32Array(data.latents)));
  if ("condition" in data.network.inputs) {
    for (let label = 0; label < data.classes; label++) $("label").add(new Option(`class ${label}`, label));
    $("label").addEventListener("change", () => {
      state.label = Number($("label").value);
      refresh();
      drawWay();
    });
    $("label").hidden = false;
  }

  for (let row = 0; row < data.pictureCount; row++) {
    const button = document.createElement("button");
    button.title = `example ${row}`;
    const canvas = document.createElement("canvas");
    const values = examples.subarray(row * size, (row + 1) * size);
    show(canvas, values, 1 / 255);
    button.append(canvas);
    button.addEventListener("click", () => {
      state.ends[state.chosen] = row;
      state.chosen = 1 - state.chosen;
      moveTo(codes[row]);
      drawWay();
    });
    $("examples").append(button);
  }

  // MARK: Ways between two examples

  function between(share) {
    const [start, end] = state.ends.map((row) => codes[row]);
    if (!$("spherical").checked) return start.map((value, latent) => value + (end[latent] - value) * share);
    // On the arc between them (Shoemake 1985); lengths change evenly.
    const length = (z) => Math.hypot(...z) || 1e-12;
    const cosine = start.reduce((sum, value, latent) => sum + value * end[latent], 0) / (length(start) * length(end));
    const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
    if (Math.sin(angle) < 1e-4) return start.map((value, latent) => value + (end[latent] - value) * share);
    const [a, b] = [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)];
    return start.map((value, latent) => a * value + b * end[latent]);
  }

  function drawWay() {
    document.querySelectorAll("#examples button").forEach((button, row) => {
      button.setAttribute("aria-pressed", state.ends.includes(row));
    });
    $("strip").replaceChildren(...Array.from({ length: 9 }, (_, place) => {
      const canvas = document.createElement("canvas");
      show(canvas, decoded(between(place / 8)));
      return canvas;
    }));
  }
  $("way").addEventListener("input", () => moveTo(between(Number($("way").value))));
  $("spherical").addEventListener("change", drawWay);
  $("copy").addEventListener("click", async () => {
    await navigator.clipboard?.writeText(JSON.stringify(Array.from(state.z)));
    $("copy").textContent = "Copied";
    setTimeout(() => { $("copy").textContent = "Copy these latents"; }, 1200);
  });

  if (data.pictureCount < 2) $("between").hidden = true; else drawWay();
  // Zero may be where no code is: an example is what a reader knows.
  moveTo(codes[0]);
  // What a program may ask of the page.
  window.latentExplorer = { data, decoded, moveTo, state };
})();
