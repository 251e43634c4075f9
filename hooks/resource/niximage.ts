import type { NixImageResource } from './niximage.generated.ts';

/** What the image holds, with the schema's defaults in place, as the API server stores it. */
export type ImageData = NixImageResource['data'] & { readonly tag: string; readonly defaults: boolean };

export type ImageConfig = NonNullable<NixImageResource['data']['config']>;

export type ImageUser = NonNullable<ImageData['user']>;

export type ImageStatus = NonNullable<NixImageResource['status']>;

export type Condition = NonNullable<ImageStatus['conditions']>[number];

/** A NixImage that keeps every rule. */
export interface NixImage {
  readonly name: string;
  readonly namespace: string;
  readonly data: ImageData;
}
