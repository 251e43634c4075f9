import type { SyncOutcome } from '../../metacontroller/embedded/controller/outcome.ts';
import type { KubeObject } from '../../metacontroller/embedded/objects/kubeObject.ts';
import { keyOf } from './plan.ts';

/** Tells what is wrong between hook and images: each thing once while it lasts. */
export class HookReports {
  readonly #say: (line: string) => void;
  readonly #told = new Map<string, string>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  report({ metadata }: KubeObject, outcome: SyncOutcome): void {
    const image = keyOf(metadata);
    const news = newsOf(outcome);
    if (news === this.#told.get(image)) return;
    this.#told.set(image, news);
    if (news !== '') this.#say(`${metadata.name}: ${news}`);
  }
}

/** Empty for none. */
function newsOf(outcome: SyncOutcome): string {
  switch (outcome.kind) {
    case 'Answered':
      return outcome.remarks.join('; ');
    case 'Waits':
      return '';
    case 'Failed':
      return outcome.message;
  }
}
