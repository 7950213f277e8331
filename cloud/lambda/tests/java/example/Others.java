package example;

import java.util.List;

/** Classes that cannot be had, and one whose types come from above. */
public final class Others {
    private Others() {}

    public static class Shouts extends Plain.Generic<List<String>, String> {
        @Override
        public String answer(List<String> event) {
            return event.get(0).toUpperCase();
        }
    }

    public static class FailsToBeMade {
        public FailsToBeMade() {
            throw new IllegalArgumentException("no configuration");
        }

        public String handle() {
            return "never";
        }
    }

    public static class FailsToLoad {
        static final int NUMBER = Integer.parseInt("x");

        public String handle() {
            return "never " + NUMBER;
        }
    }

    public static class Hidden {
        Hidden() {}

        public String handle() {
            return "never";
        }
    }
}
