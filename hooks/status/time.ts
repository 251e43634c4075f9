const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Whether a text is a time as the API server takes it: RFC 3339, section 5.6. */
export function isTime(text: string): boolean {
  return dateTime.test(text) && !Number.isNaN(Date.parse(text));
}
