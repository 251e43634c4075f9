import { styleText } from 'node:util';
import type { Output } from '../command.ts';

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** Colours a text, or leaves it as it is where there is no terminal or NO_COLOR is set (https://no-color.org). */
export type Paint = (colour: Colour, text: string) => string;

export function paintFor(output: Output, env: Readonly<Record<string, string | undefined>>): Paint {
  const coloured = output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (colour, text) => (coloured ? styleText(colour, text, { validateStream: false }) : text);
}
