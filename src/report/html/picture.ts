import { columns } from '../layout.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { flowWords } from './servers.ts';
import type { ShownFlow, ShownServer } from './servers.ts';

/** Across for a screen, down for a phone: the page shows one of the two. */
export type Direction = 'across' | 'down';

interface Point {
  readonly x: number;
  readonly y: number;
}

const box = { width: 240, height: 96 };
const gap = { across: { x: 172, y: 28 }, down: { x: 26, y: 88 } } as const;
const margin = 6;

export function drawn(servers: readonly ShownServer[], direction: Direction, label: string): Markup {
  const places = direction === 'across' ? placedAcross(servers) : placedDown(servers);
  const width = Math.max(...places.map(({ x }) => x)) + box.width + margin;
  const height = Math.max(...places.map(({ y }) => y)) + box.height + margin;
  return html`<svg
    class="${direction}"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${label}"
  >
    ${servers.map(
      ({ flow }, at) =>
        flow && link(flow, direction, places[flow.from], places[at], receiversOf(servers, flow.from).indexOf(at)),
    )}${servers.map((server, at) => node(server, places[at]))}
  </svg>`;
}

const depthOf = (servers: readonly ShownServer[], at: number): number => {
  const from = servers[at]?.flow?.from;
  return from === undefined || from >= at ? 0 : 1 + depthOf(servers, from);
};

const receiversOf = (servers: readonly ShownServer[], at: number): readonly number[] =>
  servers.flatMap(({ flow }, index) => (flow?.from === at && index > at ? [index] : []));

/** A column for each step away from the primary; what only receives has a row of its own, what sends is in the middle of its receivers. */
function placedAcross(servers: readonly ShownServer[]): readonly Point[] {
  const rows = new Map<number, number>();
  let free = 0;
  const rowOf = (at: number): number => {
    const below = receiversOf(servers, at).map(rowOf);
    const row = below.length === 0 ? free++ : ((below[0] ?? 0) + (below.at(-1) ?? 0)) / 2;
    rows.set(at, row);
    return row;
  };
  for (const [at, { flow }] of servers.entries()) if (flow === undefined) rowOf(at);
  return servers.map((_, at) => ({
    x: margin + depthOf(servers, at) * (box.width + gap.across.x),
    y: margin + (rows.get(at) ?? 0) * (box.height + gap.across.y),
  }));
}

/** One below the other, each under what it receives from and a little to the right of it. */
function placedDown(servers: readonly ShownServer[]): readonly Point[] {
  const order = servers.flatMap(({ flow }, at) => (flow === undefined ? withReceivers(servers, at) : []));
  return servers.map((_, at) => ({
    x: margin + depthOf(servers, at) * gap.down.x,
    y: margin + order.indexOf(at) * (box.height + gap.down.y),
  }));
}

const withReceivers = (servers: readonly ShownServer[], at: number): readonly number[] => [
  at,
  ...receiversOf(servers, at).flatMap((one) => withReceivers(servers, one)),
];

function node({ role, name, about, examined }: ShownServer, { x, y } = { x: 0, y: 0 }): Markup {
  return html` <svg
    x="${x}"
    y="${y}"
    width="${box.width}"
    height="${box.height}"
    class="${examined ? 'server examined' : 'server'}"
  >
    <rect x="1" y="1" width="${box.width - 2}" height="${box.height - 2}" rx="10" />
    <text x="16" y="25" class="role">${role}</text>
    <text x="16" y="47" class="name">${shortened(name, 21)}</text>
    ${about
      .slice(0, 2)
      .map((line, at) => html` <text x="16" y="${67 + at * 17}" class="about">${shortened(line, 30)}</text>`)}
  </svg>`;
}

function link(flow: ShownFlow, direction: Direction, from = { x: 0, y: 0 }, to = { x: 0, y: 0 }, nth = 0): Markup {
  const words = flowWords(flow).map((word) => shortened(word, 23));
  const middle = to.y + box.height / 2;
  const end = to.x - 3;
  const sure = flow.state === 'streaming' || flow.state === 'catchup';
  // down, each has a line of its own beside those of its neighbors
  const path =
    direction === 'across'
      ? `M${from.x + box.width} ${from.y + box.height / 2}h18V${middle}H${end - 8}`
      : `M${from.x + Math.max(3, 18 - 5 * nth)} ${from.y + box.height}V${middle}H${end - 6}`;
  const label =
    direction === 'across'
      ? { x: to.x - gap.across.x / 2 + 4, y: middle - 12 }
      : { x: to.x + 4, y: to.y - gap.down.y + 22 };
  // across, the state is above the line and the rest below it
  const lineY = (at: number): number => label.y + at * 17 + (direction === 'across' && at > 0 ? 13 : 0);
  return html` <g class="flow ${flow.tone}"
    ><path d="${path}" class="${sure ? 'sure' : 'open'}" />
    <polygon points="${end},${middle} ${end - 10},${middle - 5.5} ${end - 10},${middle + 5.5}" />${
      flow.state === 'none' && direction === 'across' ? cross(label.x, middle) : undefined
    }${words.map(
      (word, at) => html` <text x="${label.x}" y="${lineY(at)}" class="${at === 0 ? 'state' : 'about'}">${word}</text>`,
    )}</g
  >`;
}

/** Nothing comes through. */
const cross = (x: number, y: number): Markup => html`<path class="cross" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12" />`;

/** Both ends of a long text: what tells names and directories apart is there. */
function shortened(text: string, most: number): string {
  if (columns(text) <= most) return text;
  const characters = Array.from(text);
  while (columns(characters.join('')) > most - 1) characters.splice(Math.floor(characters.length / 2), 1);
  return characters.toSpliced(Math.ceil(characters.length / 2), 0, '…').join('');
}
