/**
 * Text from outside with what would steer a terminal, break XML or turn reading round made visible as �. Line breaks and tabs
 * become spaces.
 */
export const plain = (text: string): string =>
  text
    .replace(/[\t\n\r]+/g, ' ')
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '�')
    .replace(/\p{Surrogate}/gu, '�')
