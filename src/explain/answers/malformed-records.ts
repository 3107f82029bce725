/** What recovery says of a record whose parts contradict one another (xlogreader.c, DecodeXLogRecord). */
export const malformedRecords: readonly string[] = [
  'walrec-out-of-order-block-id',
  'walrec-bkpblock-has-data-none',
  'walrec-bkpblock-not-set',
  'walrec-bkpimage-hole',
  'walrec-bkpimage-no-hole',
  'walrec-bkpimage-compressed',
  'walrec-bkpblock-same-rel',
  'walrec-invalid-block-id',
  'walrec-record-invalid-length',
];
