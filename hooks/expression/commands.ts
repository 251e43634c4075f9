import type { ImageData } from '../resource/niximage.ts';
import { groupOf, homeOf, uidOf } from './user.ts';

/** The shell script that changes the image's root folder; empty where there is nothing to change. */
export function extraCommands({ defaults, extraCommands: own = '' }: ImageData): string {
  return `${defaults ? 'mkdir -p tmp\nchmod 1777 tmp\n' : ''}${lines(own)}`;
}

/** The same as root under fakeroot: a home belongs to its user. */
export function fakeRootCommands({ user, fakeRootCommands: own = '' }: ImageData): string {
  if (user === undefined) return lines(own);
  // Relative: without fakechroot the script's working directory is the image's root.
  const home = `.${homeOf(user)}`;
  return `mkdir -p ${home}\nchown ${uidOf(user)}:${groupOf(user)} ${home}\n${lines(own)}`;
}

function lines(script: string): string {
  return script === '' || script.endsWith('\n') ? script : `${script}\n`;
}
