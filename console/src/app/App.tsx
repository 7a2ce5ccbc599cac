import { TalkPage } from "../talk/TalkPage";
import styles from "./App.module.css";
import { ThemeSwitch } from "./ThemeSwitch";

/** The frame that every page of the console sits in. */
export function App() {
  return (
    <div className={styles["frame"]}>
      <header className={styles["header"]}>
        <span className={styles["brand"]}>
          <img src="/favicon.svg" alt="" width="26" height="26" />
          Switchboard
        </span>
        <ThemeSwitch />
      </header>
      <TalkPage />
    </div>
  );
}
