package slam.lambda;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The class path of AWS's runtimes: the package, the jars in its lib folder, those in java/lib of the layers.
 * https://docs.aws.amazon.com/lambda/latest/dg/java-package.html
 */
final class FunctionLoader {
    private FunctionLoader() {}

    static ClassLoader of(String taskRoot, String opt) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        urls.add(new File(taskRoot).toURI().toURL());
        addJars(urls, new File(taskRoot, "lib"));
        if (opt != null) {
            addJars(urls, new File(opt, "java/lib"));
        }
        return new URLClassLoader(urls.toArray(new URL[0]), new Hidden(ClassLoader.getSystemClassLoader()));
    }

    private static void addJars(List<URL> urls, File folder) throws MalformedURLException {
        String[] names = folder.list((parent, name) -> name.endsWith(".jar"));
        if (names == null) {
            return;
        }
        Arrays.sort(names);
        for (String name : names) {
            urls.add(new File(folder, name).toURI().toURL());
        }
    }

    /** What the JVM has loaded, agents among it, but for this package: a function does not see it. */
    private static final class Hidden extends ClassLoader {
        private static final String PACKAGE = Main.class.getPackageName() + ".";

        Hidden(ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith(PACKAGE)) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }
    }
}
