/** The ways by which customers come, in the order in which they are offered. */
export const CHANNELS = ['web', 'whatsapp', 'twilio_whatsapp', 'telegram', 'messenger', 'instagram']
