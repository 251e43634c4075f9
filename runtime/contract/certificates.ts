/** The variable that holds certificates, as PEM, which a builder trusts beside the usual ones. */
export const certificatesVariable = 'NIXIMAGE_CERTIFICATES';
