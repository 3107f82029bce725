/** The look of the page: in the page as it is here. Colors have a contrast of 4.5 and more on what they stand on. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #fff; --ink: #18202b; --quiet: #566170; --line: #d9dee5; --code: #f1f3f6;
  --good: #146c3a; --good-soft: #e3f4e9; --bad: #b3201b; --bad-soft: #fdeceb;
  --unsure: #845000; --unsure-soft: #fcf1dc; --note: #1c5cb4; --note-soft: #e7f0fc;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --ink: #e5e9ef; --quiet: #9da7b5; --line: #2d343e; --code: #0f141b;
    --good: #5ccb8b; --good-soft: #12291c; --bad: #ff8f87; --bad-soft: #331715;
    --unsure: #efb65c; --unsure-soft: #2e2210; --note: #84b6ff; --note-soft: #14243b;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 28px 24px 40px; max-width: 1000px; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, p, ol, ul, dl, dd, figure, pre, fieldset { margin: 0; padding: 0; border: 0; }
ol, ul { list-style: none; }
small { font-size: .84em; color: var(--quiet); font-weight: 400; }
a { color: var(--note); text-underline-offset: 3px; }
:focus-visible { outline: 3px solid var(--note); outline-offset: 2px; border-radius: 4px; }
code, pre, .rule, .frame, .evidence dd, .comparison td { font-family: var(--mono); font-size: .86em; }
.evidence dd small { font-family: system-ui, sans-serif; font-size: .98em; }

header { padding: 22px 26px 20px; border-radius: 14px; background: var(--card); border: 1px solid var(--line); border-top: 6px solid var(--tone); }
header.ready, header.healthy { --tone: var(--good); --soft: var(--good-soft); }
header.blocked, header.broken { --tone: var(--bad); --soft: var(--bad-soft); }
header.degraded, header.unknown { --tone: var(--unsure); --soft: var(--unsure-soft); }
.program { font-family: var(--mono); font-size: .84em; color: var(--quiet); }
h1 { font-size: 1.36rem; line-height: 1.3; font-weight: 650; margin: 8px 0 18px; }
.verdict { display: inline-block; padding: 1px 12px 2px; margin-right: 6px; border-radius: 8px; background: var(--soft); color: var(--tone); letter-spacing: .03em; }
.subject { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); gap: 12px 20px; }
dt, .label, .role, legend, .search, caption { font-size: .8rem; color: var(--quiet); }
.subject dd { font-weight: 550; font-size: .94rem; } .subject small { display: block; }

section { margin-top: 34px; }
h2 { font-size: 1.12rem; line-height: 1.35; margin-bottom: 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 22px; }
.card.error { border-left: 5px solid var(--bad); } .card.warning { border-left: 5px solid var(--unsure); } .card.info { border-left: 5px solid var(--note); }
details.card { padding: 0; margin-top: 10px; }
details.card > :not(summary) { margin-left: 22px; margin-right: 22px; }
details.card > :last-child:not(summary) { margin-bottom: 18px; }
summary { padding: 12px 22px; cursor: pointer; font-weight: 550; }
.problems { counter-reset: problem; display: grid; gap: 14px; }
.problems > li { counter-increment: problem; }
h3 { font-size: 1.08rem; line-height: 1.4; }
.targets { display: grid; gap: 8px; } .topology + .topology { margin-top: 14px; } h3.change:not(:first-child) { margin-top: 14px; }
h3:not(.change)::before { content: counter(problem) '. '; color: var(--quiet); }
.where { font-size: .86em; color: var(--quiet); margin: 3px 0 10px; }
.card > p + p.label, .card > dl + p.label, .card > figure + p.label { margin-top: 14px; }
.badge { display: inline-block; padding: 1px 8px; border-radius: 99px; font-size: .74rem; font-weight: 600; line-height: 1.5; white-space: nowrap; background: var(--code); color: var(--quiet); vertical-align: .1em; }
.badge.error, .badge.failed, .badge.crashed { background: var(--bad-soft); color: var(--bad); }
.badge.warning, .badge.unexamined, .badge.left { background: var(--unsure-soft); color: var(--unsure); }
.badge.info { background: var(--note-soft); color: var(--note); }
.badge.passed, .badge.done { background: var(--good-soft); color: var(--good); }
.consequences { margin-left: 5px; border-left: 2px solid var(--line); }
.consequences li { position: relative; padding: 3px 0 3px 22px; }
.consequences li::before { content: ''; position: absolute; left: 0; top: 1.05em; width: 14px; border-top: 2px solid var(--line); }

.frame { margin-top: 14px; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--code); }
.frame figcaption { padding: 6px 14px; border-bottom: 1px solid var(--line); color: var(--quiet); }
.frame ol { padding: 6px 0; }
.frame li { display: grid; grid-template-columns: 4.5ch 1fr; column-gap: 14px; padding: 2px 14px 2px 6px; }
.frame code { font-size: 1em; white-space: pre-wrap; }
.frame .number { text-align: right; color: var(--quiet); user-select: none; }
.frame .marked { background: var(--unsure-soft); }
.frame .remark { grid-column: 2; color: var(--unsure); }
.frame .remark::before { content: '↑ '; }
.evidence { margin-top: 14px; display: grid; gap: 6px; }
.evidence div { display: grid; grid-template-columns: minmax(110px, 190px) 1fr; gap: 2px 16px; align-items: baseline; }

.topology { padding: 20px; text-align: center; }
.topology svg { max-width: 100%; height: auto; }
.topology svg.down { display: none; }
.topology text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: var(--ink); }
.server rect { fill: var(--ground); stroke: var(--line); stroke-width: 1.5; stroke-dasharray: 5 4; }
.server.examined rect { stroke: var(--quiet); stroke-dasharray: none; }
.server .role { font-size: 12px; fill: var(--quiet); letter-spacing: .04em; }
.server .name { font-size: 16px; font-weight: 650; }
.topology .about { font-size: 12.5px; fill: var(--quiet); }
.flow path { fill: none; stroke: var(--tone); stroke-width: 2.5; }
.flow path.open { stroke-dasharray: 7 6; }
.flow path.cross { stroke: var(--tone); stroke-width: 3; stroke-linecap: round; }
.flow polygon { fill: var(--tone); }
.flow .state { font-size: 13.5px; font-weight: 650; fill: var(--tone); }
.across .flow text { text-anchor: middle; }
.flow.good { --tone: var(--good); } .flow.bad { --tone: var(--bad); } .flow.unsure { --tone: var(--unsure); } .flow.quiet { --tone: var(--quiet); }
.figures { margin-top: 12px; display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 18px; }
.figures dd { font-size: 1.3rem; font-weight: 650; } .figures small { font-size: .84rem; }
.comparison { width: 100%; margin-top: 16px; border-collapse: collapse; text-align: left; }
.comparison caption { text-align: left; padding-bottom: 4px; }
.comparison th, .comparison td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: top; }
.comparison thead th { font-weight: 650; }

.steps { counter-reset: step; display: grid; gap: 14px; }
.step { counter-increment: step; position: relative; padding-left: 42px; }
.step::before { content: counter(step); position: absolute; left: 0; top: 1px; width: 28px; height: 28px; border-radius: 50%; background: var(--note-soft); color: var(--note); font-weight: 650; font-size: .86rem; line-height: 28px; text-align: center; }
.command { display: flex; }
.command pre { flex: 1; min-width: 0; padding: 9px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; font-size: 1em; }
.card .command pre { background: var(--code); }
pre, pre code { white-space: pre-wrap; }
button { font: inherit; font-size: .82rem; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 6px 14px; cursor: pointer; }
button:hover { border-color: var(--quiet); }
.copy { align-self: flex-start; margin-left: 8px; min-width: 84px; min-height: 40px; }
.after { margin-top: 16px; padding: 12px 18px; border-radius: 10px; background: var(--note-soft); }
.conditions, .reasons { margin-top: 10px; padding-left: 20px; list-style: disc; }
.reasons small { display: block; }
.done { display: grid; gap: 10px; } .done pre { margin-top: 4px; padding: 8px 12px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.done .output { color: var(--quiet); font-size: .82em; }

.filter { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: end; }
.filter fieldset { display: flex; flex-wrap: wrap; gap: 8px; min-width: 0; }
.filter legend { margin-bottom: 4px; }
.chip { display: inline-flex; align-items: center; gap: 6px; min-height: 38px; padding: 4px 14px 4px 10px; background: var(--card); border: 1px solid var(--line); border-radius: 99px; font-size: .88rem; cursor: pointer; }
.chip:has(:focus-visible) { outline: 3px solid var(--note); outline-offset: 1px; } .chip input { accent-color: var(--note); outline: none; }
.search { flex: 1 1 180px; display: grid; gap: 4px; }
.search input { font: inherit; min-height: 38px; padding: 4px 12px; width: 100%; color: var(--ink); background: var(--card); border: 1px solid var(--quiet); border-radius: 8px; }
.shown { margin: 10px 0 6px; font-size: .84rem; color: var(--quiet); }
.rules { border-top: 1px solid var(--line); }
.rules li { display: grid; grid-template-columns: 116px 1fr; gap: 12px; padding: 9px 0; border-bottom: 1px solid var(--line); }
.rules .title { font-size: .92em; } .rules p { font-size: .86em; color: var(--quiet); }
.rules .rule { margin-right: 8px; }
footer { margin-top: 36px; font-size: .84rem; color: var(--quiet); display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 24px; }

@media (max-width: 700px) {
  body { padding: 14px 14px 28px; }
  header, .card { padding: 16px; }
  h1 { font-size: 1.24rem; }
  .topology { padding: 14px 10px; } .topology svg.across { display: none; } .topology svg.down { display: inline; }
  details.card > :not(summary) { margin-left: 16px; margin-right: 16px; } summary { padding: 12px 16px; }
  .evidence div, .rules li { grid-template-columns: 1fr; gap: 0; }
  .rules li { gap: 4px; } .rules .badge { justify-self: start; }
  .step { padding-left: 0; } .step > .label { padding-left: 34px; min-height: 28px; line-height: 28px; margin-bottom: 4px; } .step::before { top: 0; }
  .command { display: block; } .copy { margin: 6px 0 0; width: 100%; }
}
@media print {
  :root {
    color-scheme: light; --ground: #fff; --card: #fff; --ink: #000; --quiet: #444; --line: #bbb; --code: #fff;
    --good: #146c3a; --good-soft: #fff; --bad: #b3201b; --bad-soft: #fff; --unsure: #845000; --unsure-soft: #fff; --note: #1c5cb4; --note-soft: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .filter, .copy { display: none; }
  section { margin-top: 18px; }
  .badge { border: 1px solid currentcolor; }
  header, article, .step, .frame, .topology, .rules li { break-inside: avoid; } h2, summary { break-after: avoid; }
}
`;
