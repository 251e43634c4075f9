import type { ImageUser } from '../resource/niximage.ts';

export function uidOf({ uid }: ImageUser): number {
  return uid ?? 1000;
}

export function groupOf(user: ImageUser): number {
  return user.gid ?? uidOf(user);
}

export function homeOf({ name, home }: ImageUser): string {
  return home ?? `/home/${name}`;
}
