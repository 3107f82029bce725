import { it } from 'vitest';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { answers } from '../../src/explain/answers.ts';
import { explained } from './explained.ts';
import { explanationsText } from '../../src/report/explanation-text.ts';
it('x', async () => {
  const { messages } = await messageCatalogue();
  const out: string[] = [];
  let n = 0;
  const texts = [
    ...messages
      .map(({ entry }) => entry)
      .filter((e) => e.part === undefined && !e.generic)
      .map((e) => [
        e.id,
        `${e.severity ?? 'ERROR'}:  ${e.format
          .replace(/^%s: /u, '')
          .replaceAll(/%X\/%(?:08)?X/gu, '0/3000148')
          .replaceAll(/"%s"/gu, '"node_7"')
          .replaceAll(/%m/gu, 'Permission denied')
          .replaceAll(/%s/gu, 'node_7')
          .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxXc]/gu, '7')
          .replaceAll('%%', '%')}`,
      ]),
    ...answers.withWords.map(({ says, answer }) => [
      answer.id ?? answer.of?.[0],
      says
        .replaceAll(/%X\/%(?:08)?X/gu, '0/3000148')
        .replaceAll(/%s/gu, 'node_7')
        .replaceAll(/%m/gu, 'Permission denied')
        .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxXc]/gu, '7'),
    ]),
  ];
  const seen = new Set();
  for (const [id, text] of texts) {
    const all = await explained(text ?? '');
    const lines = explanationsText(all, 80).length;
    n++;
    const top = all[0];
    if (lines > 24) {
      const k = all.map((a) => a.means).join('|');
      if (!seen.has(k))
        out.push(
          `${lines} ${all.length} ${id} next=${top?.next.length} steps=${top?.steps.length} cand=${top?.candidates.length} quoted=${top?.quoted.length}`,
        );
      seen.add(k);
    }
  }
  console.log(n, out.length + '\n' + out.sort().reverse().join('\n'));
}, 300000);
