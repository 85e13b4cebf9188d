/** What the extras say. Both languages have the same keys (a test keeps it so). */
const es = {
  menu: 'Más opciones',
  transcript: 'Ver o guardar esta conversación',
  erase: 'Borrar esta conversación',
  eraseSure: '¿Borrar todo lo que se dijo aquí? Nadie podrá volver a leerlo, y no se puede deshacer.',
  eraseYes: 'Sí, borrar',
  eraseNo: 'No, dejarla',
  erased: 'La conversación se borró.',
  notNow: 'Ahora no se pudo. Inténtalo otra vez en un momento.',
  attach: 'Adjuntar una foto o un documento',
  files: 'Archivos para enviar',
  uploading: 'Subiendo {name}…',
  remove: 'Quitar {name}',
  tooLarge: '{name} pesa más de 5 MB. Envía uno más pequeño, por favor.',
  notTaken: 'No podemos recibir {name}. Puedes enviar fotos, audios, videos, PDF o documentos.',
  tooMany: 'Puedes enviar hasta 5 archivos a la vez.',
  enoughToday:
    'Hoy ya no podemos recibir más archivos. Envía {name} mañana o cuéntanos aquí qué muestra. También puedes hablar con una persona.',
  image: 'Foto: {name}',
  download: 'Descargar {name}',
  gone: 'Este archivo no se pudo recibir.',
}

const en: Record<keyof typeof es, string> = {
  menu: 'More options',
  transcript: 'See or keep this conversation',
  erase: 'Delete this conversation',
  eraseSure:
    'Delete everything that was said here? Nobody will be able to read it again, and it cannot be undone.',
  eraseYes: 'Yes, delete it',
  eraseNo: 'No, keep it',
  erased: 'The conversation has been deleted.',
  notNow: 'That did not work just now. Please try again in a moment.',
  attach: 'Attach a picture or a document',
  files: 'Files to send',
  uploading: 'Uploading {name}…',
  remove: 'Remove {name}',
  tooLarge: '{name} is larger than 5 MB. Please send a smaller one.',
  notTaken: 'We cannot take {name}. You can send pictures, audio, video, PDF or documents.',
  tooMany: 'You can send up to 5 files at once.',
  enoughToday:
    'We cannot take any more files today. Send {name} tomorrow, or tell us here what it shows. You can also talk to a person.',
  image: 'Picture: {name}',
  download: 'Download {name}',
  gone: 'This file could not be received.',
}

export const texts = { es, en }
export type Key = keyof typeof es

export function say(language: 'es' | 'en', key: Key, values: Record<string, string> = {}): string {
  return texts[language][key].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}
