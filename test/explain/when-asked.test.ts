import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { outlineOf, whenAsked } from '../../src/explain/when-asked.ts';

describe('answers that are read when they are asked for', () => {
  const outlines = answers.all.map(outlineOf);

  it('are the same answers', () => {
    const later = whenAsked(JSON.parse(JSON.stringify(outlines)), () => answers.all);
    expect(later.map((answer) => ({ ...answer }))).toEqual(answers.all);
    expect(later.map((answer) => Object.keys(answer))).toEqual(answers.all.map((answer) => Object.keys(answer)));
    expect(later.map((answer) => 'todo' in answer)).toEqual(answers.all.map((answer) => 'todo' in answer));
  });

  it('are found without being read', () => {
    const later = whenAsked(outlines, () => {
      throw new Error('read');
    });
    expect(later.map(({ of, says }) => ({ of, says }))).toEqual(answers.all.map(({ of, says }) => ({ of, says })));
    expect(later.map((answer) => (answer.says === undefined ? '' : answer.says.join('')))).toHaveLength(
      outlines.length,
    );
    const plain = later.find((_, place) => answers.all[place]?.when === undefined);
    expect(plain?.when).toBeUndefined();
    expect(() => plain?.means).toThrow('read');
  });
});
