/** How well text can be read on a colour, as WCAG 2 computes it. Colours are written #rrggbb. Pure. */

export const ENOUGH = 4.5

export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** The colour itself where white text can be read on it; else the nearest darker shade of it on which it can. */
export function readable(colour: string): string {
  for (let part = 100; part > 0; part--) {
    const shade = `#${channels(colour)
      .map((one) => Math.round((one * part) / 100))
      .map((one) => one.toString(16).padStart(2, '0'))
      .join('')}`
    if (contrast(shade, '#ffffff') >= ENOUGH) return shade
  }
  return '#000000'
}

function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((one) => {
    const part = one / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16))
}
