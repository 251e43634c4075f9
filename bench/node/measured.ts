/** Seconds of one round, each from its beginning to its end. */
export interface Round {
  readonly ours: number;
  /** Of nix-build itself, in its Pod. */
  readonly nixBuild: number;
  /** From `kubectl apply` of that Pod until the cluster says that it has ended. */
  readonly nixBuildInPod: number;
}

/** What bench/node/measure.ts measured. */
export interface Measured {
  /** Which Metacontroller it was. */
  readonly metacontroller: string;
  /** Empty `/nix`: to a Pod that runs with the image. */
  readonly cold: readonly Round[];
  /** All packages are in `/nix`: to Built. */
  readonly warm: readonly Round[];
}
