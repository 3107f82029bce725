import { states, things } from './words.ts';
import type { Fact, State, Thing } from './words.ts';

/** What a text says of servers: which things there are, what is said of each, and what is missing. */
export interface Account {
  readonly has: (fact: Fact) => boolean;
  readonly denies: (fact: Fact) => boolean;
}

/**
 * Reads sentences as facts: in each clause, what is said there belongs to the things that are named there, and where none
 * is, to those of the clause before ("the replica was off. Since then it lags").
 */
export function accountOf(sentences: readonly string[]): Account {
  const told = new Set<Fact>();
  const denied = new Set<Fact>();
  let before: readonly Thing[] = [];
  for (const sentence of sentences)
    for (const clause of clausesOf(sentence)) {
      const here = thingNames.filter((thing) => things[thing].test(clause));
      for (const thing of here) (isDenied(clause, things[thing], missingThing) ? denied : told).add(thing);
      // the thing that a sentence goes on about, not the circumstances
      const of = here.some((thing) => actors.has(thing)) ? here : [...here, ...before];
      for (const state of stateNames) {
        if (!states[state].test(clause)) continue;
        const facts: readonly Fact[] = [`: ${state}`, ...of.map((thing): Fact => `${thing}: ${state}`)];
        for (const fact of facts) (isDenied(clause, states[state], negatedState) ? denied : told).add(fact);
      }
      if (here.length > 0) before = here;
    }
  return { has: (fact) => told.has(fact), denies: (fact) => denied.has(fact) && !told.has(fact) };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names that the object was written with
const thingNames = Object.keys(things) as readonly Thing[];
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names that the object was written with
const stateNames = Object.keys(states) as readonly State[];

/** What does something, or has something done to it. */
const actors: ReadonlySet<Thing> = new Set<Thing>([
  'standby',
  'primary',
  'former primary',
  'other standby',
  'slot',
  'wal',
  'sender',
  'receiver',
  'copy',
  'service',
  'disk',
]);

const clausesOf = (sentence: string): readonly string[] =>
  sentence
    // of a function's name, and not around words
    .replaceAll('()', '')
    .split(
      /[,;:()]\s|\s[-–—]+\s|\s(?:but|although|though|while|whereas|because|and|whenever|when|so|until|since|as soon as|after)\s/iu,
    )
    .map((clause) => ` ${clause.trim()} `)
    .filter((clause) => clause.length > 2);

/** "There are no slots", "without an archive". */
const missingThing = /\b(?:no|without(?: an?| any)?|not? any|n['’]t (?:use|have|any))\b(?:\W+[\w-]+){0,2}?\W*$/iu;
/** "It is not stuck"; the negation of "does not follow" is in the words themselves. */
const negatedState =
  /(?:\b(?:not|never|no longer|nobody|nothing is|without|isn['’]?t|wasn['’]?t)|n['’]t)(?:\W+\w+)?\W*$/iu;

function isDenied(clause: string, words: RegExp, denial: RegExp): boolean {
  const found = words.exec(clause);
  return found !== null && denial.test(clause.slice(0, found.index));
}
