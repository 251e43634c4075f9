/** What a session needs of the stand-in for Metacontroller. */
export interface StandIn {
  /** Creates or replaces an object, as `kubectl apply` does. */
  apply(object: Readonly<Record<string, unknown>>): Promise<void>;
  /** Marks an image for deletion; it is gone once the hook has finalized it. */
  remove(namespace: string, name: string): Promise<void>;
  /** The NixImages, by namespace and name. */
  images(): Promise<readonly unknown[]>;
  /** Calls `changed` after each change of a NixImage. */
  watch(changed: () => void): void;
  /** Stops what it runs; what is on disk stays. */
  close(): Promise<void>;
}
