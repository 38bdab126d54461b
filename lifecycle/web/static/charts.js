// Charts out of the data beside them: <drawn-chart> with a .plot and JSON. ECharts is fetched where one is seen.
// Without a script the tables say the same.
const LIBRARY = new URL("vendor/echarts.min.js", import.meta.url);
const SCHEMES = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"];
const COLOURS = ["grey", "blue", "teal", "green", "dark green", "yellow", "orange", "red", "purple", "pink"];

// The policy lets a style be set as a property, not as an attribute; the library's texts set theirs as an attribute.
const setAttribute = Element.prototype.setAttribute;
SVGElement.prototype.setAttribute = function set(name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

let library;
function loaded() {
  library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => done(window.echarts);
    script.onerror = () => failed(new Error("The charts could not be loaded."));
    document.head.append(script);
  });
  return library;
}

/** The colours of the page as they are now: a token is resolved by the browser, light or dark. */
function palette(from) {
  const probe = document.createElement("i");
  probe.hidden = true;
  from.append(probe);
  const token = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const inks = { ink: token("text"), text: token("text"), dim: token("text-2"), faint: token("text-3") };
  const grounds = { line: token("line"), edge: token("line-strong"), ground: token("surface"), raised: token("raised") };
  const roles = (role) => new Map(COLOURS.map((name) => [name, token(`${name.replaceAll(" ", "-")}-${role}`)]));
  const solid = roles("solid"), soft = roles("soft");
  probe.remove();
  return {
    ...inks, ...grounds,
    of: (name) => inks[name] ?? solid.get(name) ?? solid.get("grey"),
    soft: (name) => soft.get(name) ?? soft.get("grey"),
  };
}

// Below this width bands flow down instead of across.
const NARROW = 460;
const ACROSS = { orient: "horizontal", left: 4, right: 92, top: 8, bottom: 8 };
const DOWN = { orient: "vertical", left: 8, right: 8, top: 8, bottom: 36 };
const LINE = "path://M0 4h12v2h-12z";
const number = (value) => value == null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 1 });
const short = (value) => Math.abs(value) >= 1000 ? `${number(value / 1000)}k` : number(value);

/** A tooltip of elements: text is text, and no style stands in markup. */
function tip(title, rows) {
  const box = document.createElement("div");
  box.className = "tip";
  box.append(Object.assign(document.createElement("b"), { textContent: title }));
  for (const [name, value, colour] of rows) {
    const line = box.appendChild(document.createElement("div"));
    const mark = line.appendChild(document.createElement("i"));
    mark.style.background = colour ?? "none";
    line.append(Object.assign(document.createElement("span"), { textContent: name }));
    line.append(Object.assign(document.createElement("b"), { textContent: value }));
  }
  return box;
}

function base(colours, says) {
  const font = getComputedStyle(document.body).fontFamily;
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 120,
    aria: { enabled: true, label: { description: says }, decal: { show: SCHEMES.slice(1).some((one) => matchMedia(one).matches) } },
    textStyle: { fontFamily: font, fontSize: 11, color: colours.dim },
    tooltip: {
      confine: true, transitionDuration: 0, backgroundColor: colours.raised, borderColor: colours.edge, borderWidth: 1, padding: 8,
      textStyle: { color: colours.text, fontSize: 12, fontFamily: font }, extraCssText: "box-shadow: var(--shadow-2)",
    },
  };
}

const axes = (colours) => ({
  names: { axisTick: { show: false }, axisLine: { lineStyle: { color: colours.edge } }, axisLabel: { color: colours.dim, fontSize: 11, hideOverlap: true } },
  values: { axisLabel: { color: colours.faint, fontSize: 11, formatter: short }, splitLine: { lineStyle: { color: colours.line } }, minInterval: 1 },
});

const legend = (colours) => ({
  type: "scroll", left: 0, bottom: 0, itemWidth: 9, itemHeight: 9, itemGap: 12, icon: "roundRect", inactiveColor: colours.faint,
  pageIconSize: 10, pageIconColor: colours.dim, pageIconInactiveColor: colours.line, pageTextStyle: { color: colours.faint },
  textStyle: { color: colours.dim, fontSize: 12 },
});

/** Parts of bars, on top of each other or side by side, and lines over them. */
function parts(data, colours, stacked) {
  return data.series.flatMap((one) => one.line ? [...band(one, colours), {
    type: "line", name: one.name, data: one.values, color: colours.of(one.colour), symbol: "circle", symbolSize: 6, z: 5,
    lineStyle: { width: 1.5, color: colours.of(one.colour) }, itemStyle: { color: colours.ground, borderColor: colours.of(one.colour), borderWidth: 1.5 },
  }] : [{
    type: "bar", name: one.name, data: one.values, color: colours.of(one.colour), stack: stacked ? "all" : undefined,
    barMaxWidth: 32, barCategoryGap: "32%", itemStyle: { borderColor: colours.ground, borderWidth: stacked ? 0.5 : 0 },
    emphasis: { focus: "none" },
  }]);
}

/** What lies around a line: nothing up to its low, and from there an area up to its high. */
function band(one, colours) {
  if (!one.low?.length) return [];
  const bare = { type: "line", name: "", stack: `around ${one.name}`, symbol: "none", silent: true, z: 1, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  const wide = one.high.map((high, at) => high == null ? null : high - one.low[at]);
  return [{ ...bare, data: one.low }, { ...bare, data: wide, areaStyle: { color: colours.of(one.colour), opacity: 0.18 } }];
}

const pointed = (colours) => (all) => tip(all[0]?.axisValueLabel ?? "", all
  .filter((one) => one.seriesName && one.value != null && one.value !== 0)
  .map((one) => [one.seriesName, number(one.value) + between(colours.around.get(one.seriesName), one.dataIndex), colours.of(colours.named.get(one.seriesName))]));

const between = (one, at) => one?.low?.length && one.low[at] != null ? ` (${number(one.low[at])} to ${number(one.high[at])})` : "";

const DRAWN = {
  columns(data, colours) {
    const axis = axes(colours);
    return {
      grid: { left: 4, right: 8, top: 10, bottom: 34, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: { ...legend(colours), data: data.series.map((one) => ({ name: one.name, icon: one.line ? LINE : "roundRect", itemStyle: one.line ? { color: colours.text } : {} })) },
      xAxis: { type: "category", data: data.steps, ...axis.names },
      yAxis: { type: "value", ...axis.values },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: pointed(colours) },
      series: parts(data, colours, data.stacked),
    };
  },
  bars(data, colours, wide) {
    const axis = axes(colours), series = parts(data, colours, true);
    // The word behind a bar: on a series of nothing, which every bar has at its end.
    series.push({
      type: "bar", name: "", stack: "all", data: data.names.map(() => 0), silent: true, tooltip: { show: false },
      label: { show: true, position: "right", color: colours.dim, fontSize: 11, formatter: (at) => data.notes[at.dataIndex] ?? "" },
    });
    const several = data.series.length > 1 && data.series.every((one) => !one.values.includes(null));
    return {
      grid: { left: 4, right: Math.min(wide * 0.45, 14 + 6 * Math.max(...data.notes.map((one) => one.length))), top: 4, bottom: several ? 32 : 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: several ? { ...legend(colours), data: data.series.map((one) => one.name) } : undefined,
      xAxis: { type: "value", ...axis.values, axisLabel: { show: false } },
      yAxis: { type: "category", inverse: true, data: data.names, ...axis.names, axisLabel: { ...axis.names.axisLabel, color: colours.text, width: Math.max(110, wide / 3), overflow: "truncate" } },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: pointed(colours) },
      series,
    };
  },
  flow(data, colours, wide) {
    const names = new Map(data.nodes.map((one) => [one.id, one.name]));
    return {
      tooltip: {
        trigger: "item",
        formatter: (at) => at.dataType === "edge"
          ? tip(`${names.get(at.data.source)} to ${names.get(at.data.target)}`, [["Moves", number(at.value)]])
          : tip(names.get(at.name), [["Moves", number(at.value)]]),
      },
      series: [{
        type: "sankey", ...(wide < NARROW ? DOWN : ACROSS), nodeWidth: 9, nodeGap: 14, draggable: false, layoutIterations: 48,
        label: { position: wide < NARROW ? "bottom" : "right", color: colours.text, fontSize: 11, lineHeight: 14, formatter: (at) => `${names.get(at.name)}\n{n|${number(at.value)}}`, rich: { n: { color: colours.dim, fontSize: 11 } } },
        labelLayout: { hideOverlap: true }, emphasis: { focus: "adjacency" },
        data: data.nodes.map((one) => ({ name: one.id, itemStyle: { color: colours.of(one.colour), borderWidth: 0 } })),
        links: data.links.map((one) => ({ source: one.from, target: one.to, value: one.number, lineStyle: { color: "source", opacity: 0.26 } })),
      }],
    };
  },
  ranges(data, colours) {
    const axis = axes(colours);
    const draw = (_, api) => {
      const row = data.rows[api.value(0)], [, y] = api.coord([0, api.value(0)]), children = [];
      const at = (days) => api.coord([days, 0])[0];
      const colour = colours.of(row.colour), half = 8;
      if (row.median != null) {
        const [low, middle, high] = [at(row.low), at(row.median), at(row.high)];
        children.push({ type: "rect", shape: { x: low, y: y - half, width: Math.max(high - low, 2), height: 2 * half, r: 2 }, style: { fill: colours.soft(row.colour), stroke: colour, lineWidth: 1 } });
        children.push({ type: "line", shape: { x1: middle, x2: middle, y1: y - half, y2: y + half }, style: { stroke: colour, lineWidth: 2.5 } });
      }
      if (row.expected != null) {
        const x = at(row.expected), top = y - half - 1;
        children.push({ type: "polygon", shape: { points: [[x - 5, top - 6], [x + 5, top - 6], [x, top]] }, style: { fill: colours.text } });
        children.push({ type: "line", shape: { x1: x, x2: x, y1: top, y2: y + half }, style: { stroke: colours.text, lineWidth: 1.25, lineDash: [2, 2] } });
      }
      const right = Math.max(...[row.high, row.expected].map((one) => at(one ?? 0)));
      children.push({ type: "text", style: { x: right + 9, y, text: row.said, fill: colours.dim, fontSize: 11, verticalAlign: "middle" } });
      return { type: "group", children };
    };
    return {
      grid: { left: 4, right: 84, top: 12, bottom: 24, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { type: "value", min: 0, ...axis.values },
      yAxis: { type: "category", inverse: true, data: data.rows.map((one) => one.name), ...axis.names, axisLabel: { ...axis.names.axisLabel, color: colours.text } },
      tooltip: {
        trigger: "item",
        formatter: (at) => {
          const row = data.rows[at.dataIndex];
          return tip(row.name, [["Median", number(row.median)], ["Middle half", row.median == null ? "–" : `${number(row.low)} to ${number(row.high)}`], ["Expected", number(row.expected)]]);
        },
      },
      series: [{ type: "custom", renderItem: draw, clip: false, data: data.rows.map((one, place) => [place, one.high ?? 0, one.expected ?? 0]), encode: { x: [1, 2], y: 0 } }],
    };
  },
};

function option(data, colours, wide) {
  colours.named = new Map((data.series ?? []).map((one) => [one.name, one.colour]));
  colours.around = new Map((data.series ?? []).map((one) => [one.name, one]));
  const all = base(colours, data.says), own = DRAWN[data.kind](data, colours, wide);
  return { ...all, ...own, tooltip: { ...all.tooltip, ...own.tooltip } };
}

class DrawnChart extends HTMLElement {
  connectedCallback() {
    this.plot = this.querySelector(".plot");
    this.data = JSON.parse(this.querySelector("script").textContent);
    this.ending = new AbortController();
    const seen = new IntersectionObserver(([one]) => {
      if (!one.isIntersecting) return;
      seen.disconnect();
      this.draw();
    }, { rootMargin: "200px" });
    seen.observe(this);
    this.ending.signal.addEventListener("abort", () => seen.disconnect());
  }

  disconnectedCallback() {
    this.ending.abort();
    this.chart?.dispose();
    this.chart = undefined;
  }

  async draw() {
    try {
      const echarts = await loaded();
      if (!this.isConnected || this.chart) return;
      this.chart = echarts.init(this.plot, null, { renderer: "svg" });
      this.show();
      this.watch();
      this.dataset.drawn = this.data.kind;
    } catch (error) {
      // The table is there; so is the sentence.
      this.hidden = true;
      console.error(error);
    }
  }

  show() {
    this.chart?.setOption(option(this.data, palette(this), this.plot.clientWidth), { notMerge: true });
  }

  /** Draw anew when the page turns dark, moves less or is seen in other colours; fit when the room changes. */
  watch() {
    const { signal } = this.ending;
    let was = this.plot.clientWidth;
    const sized = new ResizeObserver(() => {
      this.chart?.resize();
      const is = this.plot.clientWidth;
      if ((was < NARROW) !== (is < NARROW)) this.show();
      was = is;
    });
    const themed = new MutationObserver(() => this.show());
    sized.observe(this.plot);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    for (const one of [...SCHEMES, "(prefers-reduced-motion: reduce)"]) {
      matchMedia(one).addEventListener("change", () => this.show(), { signal });
    }
    signal.addEventListener("abort", () => { sized.disconnect(); themed.disconnect(); });
  }
}
customElements.define("drawn-chart", DrawnChart);

// What is chosen counts at once; the fields behind "As of now" wait for their button.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-asking] > select")) event.target.form.requestSubmit();
});

// Empty fields stay out of the address.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-asking]")) return;
  for (const field of event.target.elements) {
    if (field.name && !field.value) field.disabled = true;
  }
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("[data-asking] :disabled")) field.disabled = false;
});
