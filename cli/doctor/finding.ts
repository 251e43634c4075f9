/** What one check found: all is well, or what a person has to do. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** Where it is ok, what was seen; else what is wrong, and what to do. */
  readonly text: string;
}

export function ok(check: string, text: string): Finding {
  return { check, ok: true, text };
}

export function toDo(check: string, text: string): Finding {
  return { check, ok: false, text };
}
