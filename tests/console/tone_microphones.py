"""Microphones that sound differently, so that a test can tell which one is sent."""

from playwright.async_api import Page, expect

from tests.console.heard_sound import HeardSound, hears_tone

FIRST, SECOND = "Fake Audio Input 1", "Fake Audio Input 2"
TONE_HZ = {"": 300, FIRST: 700, SECOND: 1100}
"""What is heard with each, by its name; empty for the browser's choice."""

# The browser's own fake devices all beep alike: each gets a tone in place of its sound. What was
# asked of the browser is kept, and the tracks, so that a test can pull the plug.
TONE_MICROPHONES = (
    f"window.tones = {TONE_HZ};"
    """
(() => {
  const devices = navigator.mediaDevices;
  const [open, list] = [devices.getUserMedia.bind(devices), devices.enumerateDevices.bind(devices)];
  window.microphones = [];
  window.unplugged = new Set();
  devices.enumerateDevices = async () =>
    (await list()).filter(({ label }) => !window.unplugged.has(label));
  devices.getUserMedia = async (asked) => {
    const wanted = asked.audio.deviceId?.exact;
    const named = (await devices.enumerateDevices()).find(({ kind, deviceId }) =>
      kind === "audioinput" && deviceId === wanted);
    if (wanted && !named) throw new OverconstrainedError("deviceId");
    if (window.refused === (named?.label ?? "")) throw new DOMException("busy", "NotReadableError");
    (await open(asked)).getTracks().forEach((track) => track.stop());
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.frequency.value = window.tones[named?.label ?? ""];
    const sent = context.createMediaStreamDestination();
    tone.connect(sent);
    tone.start();
    const [track] = sent.stream.getAudioTracks();
    window.microphones.push({ label: named?.label ?? "", asked: asked.audio, track });
    return sent.stream;
  };
  window.unplug = (label) => {
    window.unplugged.add(label);
    for (const each of window.microphones) if (each.label === label) {
      each.track.stop();
      each.track.dispatchEvent(new Event("ended"));
    }
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.plugIn = (label) => {
    window.unplugged.delete(label);
    devices.dispatchEvent(new Event("devicechange"));
  };
})();
"""
)

OPEN_MICROPHONES = """() => window.microphones
  .filter(({ track }) => track.readyState === "live").map(({ label }) => label)"""


async def choose_microphone(page: Page, name: str) -> None:
    """Chooses one in the dialog for the sound, which works before and during a call."""
    await page.get_by_role("button", name="Sound").click()
    dialog = page.get_by_role("dialog", name="Sound")
    await dialog.get_by_label("Microphone").select_option(name or "The browser’s choice")
    await dialog.get_by_role("button", name="Done").click()
    await expect(dialog).to_have_count(0)


async def is_heard_by(sound: HeardSound, name: str) -> None:
    """Waits until the service hears the sound of one of the microphones."""
    await hears_tone(sound, TONE_HZ[name])
