import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// The folders and what each may use; the same order as in the README.
const folders = {
  api: [],
  stream: ["api"],
  ui: [],
  features: ["api", "stream", "ui"],
  app: ["api", "stream", "ui", "features"],
};
const features = ["projects", "project", "conversation", "settings", "login", "logs"];

const forbid = (names, message) => ({
  group: names.flatMap((name) => [`**/${name}`, `**/${name}/**`]),
  message,
});

function layer(folder, allowed) {
  const others = Object.keys(folders).filter((name) => name !== folder && !allowed.includes(name));
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: others.length
            ? [forbid(others, `${folder}/ may use only: ${allowed.join(", ") || "nothing"}`)]
            : [],
        },
      ],
    },
  };
}

function feature(name) {
  const others = features.filter((other) => other !== name);
  return {
    files: [`src/features/${name}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            forbid(["app"], "features/ may not use app/"),
            forbid(
              others.map((other) => other),
              "features never import each other",
            ),
          ],
        },
      ],
    },
  };
}

const only = (name, message) => ["error", { name, message }];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  ...tseslint.configs.strict,
  reactHooks.configs.flat.recommended,
  jsxA11y.flatConfigs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  ...Object.entries(folders).map(([folder, allowed]) => layer(folder, allowed)),
  ...features.map(feature),
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/api/**"],
    rules: { "no-restricted-globals": only("fetch", "only api/ talks to the server") },
  },
);
