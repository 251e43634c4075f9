/* Made from the CRD by `npm run generate`. Do not edit. */

/**
 * A container image made of Nix packages.
 */
export interface NixImageResource {
  apiVersion?: string;
  kind?: string;
  metadata?: {};
  /**
   * What the image holds.
   */
  data: {
    /**
     * The tag that the image is served under.
     */
    tag?: string;
    /**
     * The packages, each an attribute path of nixpkgs as Nix writes it: `curl`, `python3Packages.requests`, `curl.dev`, `"my.pkg"`.
     */
    contents: string[];
    /**
     * How a container of the image starts, in the words of the OCI image configuration.
     */
    config?: {
      /**
       * The program that always runs, with its first arguments.
       */
      entrypoint?: string[];
      /**
       * The arguments of the entrypoint, or the program where there is no entrypoint. By default a shell, where `contents` holds one and there is no entrypoint.
       */
      cmd?: string[];
      /**
       * Environment variables.
       */
      env?: {
        name: string;
        value: string;
      }[];
      /**
       * The folder that programs start in.
       */
      workingDir?: string;
      /**
       * The user that programs run as, a name or a number, with `:group` where needed.
       */
      user?: number | string;
      /**
       * Ports that programs listen on: `8080`, `8080/tcp`, `53/udp`.
       */
      exposedPorts?: (number | string)[];
      /**
       * Labels of the image.
       */
      labels?: {
        [k: string]: string;
      };
      /**
       * The signal that ends programs, such as `SIGTERM` or `15`.
       */
      stopSignal?: string;
      /**
       * Folders that are meant for data.
       */
      volumes?: string[];
    };
    /**
     * Most layers that the image has. nixpkgs' default is 100.
     */
    maxLayers?: number;
    /**
     * Whether the image gets what most programs expect: /tmp, CA certificates, /etc/passwd and /etc/group, /usr/bin/env, and a shell as its command.
     */
    defaults?: boolean;
  };
  /**
   * What became of it.
   */
  status?: {
    /**
     * The generation of the object that this status tells of.
     */
    observedGeneration?: number;
    state?: 'BuildPending' | 'Building' | 'Built' | 'Failed';
    /**
     * The tag that is built, or was built last.
     */
    version?: string;
    /**
     * The image by its tag, as a Pod names it.
     */
    image?: string;
    /**
     * The image by its digest. While a changed image is built, this is still the last one.
     */
    imageRef?: string;
    /**
     * The manifest's digest.
     */
    digest?: string;
    /**
     * Bytes that a client downloads.
     */
    size?: number;
    /**
     * `demo` where the packages are not those of nixpkgs.
     */
    packageSet?: string;
    /**
     * The last build.
     */
    build?: {
      /**
       * SHA-256 of all that the image is made from.
       */
      inputHash?: string;
      /**
       * Counts the builds of this object.
       */
      ordinal?: number;
      /**
       * Counts the Pods that tried this build.
       */
      attempt?: number;
      /**
       * The Pod that builds, or built.
       */
      pod?: string;
      startedAt?: string;
      finishedAt?: string;
    };
    /**
     * Why the last build failed.
     */
    failure?: {
      reason?: string;
      /**
       * What was wrong, where, and what to do.
       */
      message?: string;
      /**
       * The entry of `data.contents` that failed.
       */
      attribute?: string;
      /**
       * The last lines of the log.
       */
      logTail?: string;
    };
    /**
     * The command that prints the build's log.
     */
    logs?: string;
    conditions?: {
      type: string;
      status: 'True' | 'False' | 'Unknown';
      reason: string;
      message: string;
      observedGeneration?: number;
      lastTransitionTime: string;
    }[];
  };
}
