import type { Step } from '../findings/report.ts';
import type { Scene } from '../findings/scene.ts';
import { stepText } from './finding-text.ts';
import { noPaint } from './paint.ts';

/** Steps as the report for people shows them, without colors and never wrapped. */
export const plainSteps = (steps: readonly Step[], scene: Scene): readonly string[] =>
  steps
    .flatMap((step) => stepText(step, { width: Number.POSITIVE_INFINITY, paint: noPaint, scene }, 2))
    .filter((line) => line !== '');
