/** An application on Jenny. On the class path, this file does not count. */
module com.example.app {
    requires dev.jenny.runtime;
}
