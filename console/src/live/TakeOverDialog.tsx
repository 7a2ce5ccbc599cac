import { useMicrophones } from "../media/useDevices";
import { MicrophoneField } from "../talk/MicrophoneField";
import { Dialog } from "../ui/Dialog";

/** Asks before an agent is silenced, and for the microphone to speak with. */
export function TakeOverDialog({
  onTakeOver,
  onClose,
}: {
  onTakeOver: (microphone: string) => void;
  onClose: () => void;
}) {
  const microphones = useMicrophones();
  return (
    <Dialog
      title="Take over this call?"
      confirm="Take over"
      onConfirm={() => onTakeOver(microphones.chosen)}
      onClose={onClose}
    >
      <p>
        The agent stops where it is, and the caller hears you in its place. It follows what is said, and goes on when
        you hand the call back.
      </p>
      <MicrophoneField microphones={microphones} />
    </Dialog>
  );
}
