import { escapeXml } from "../escape-xml.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * What Observable Plot needs of a document to draw in: elements that are made, filled and written out.
 * With it a picture has the same bytes in a terminal, in a page and in a page's worker, which has no document.
 */
export class SvgDocument {
  readonly documentElement = new SvgElement(this, "svg");

  createElementNS(_namespace: string, name: string): SvgElement {
    return new SvgElement(this, name);
  }
}

/** An element of such a document. */
export class SvgElement {
  readonly namespaceURI = SVG;
  readonly ownerDocument: SvgDocument;
  readonly name: string;
  readonly style = {
    setProperty: (name: string, value: string): void => {
      const before = this.attributes.get("style");
      this.attributes.set("style", `${before === undefined ? "" : `${before};`}${name}:${value}`);
    },
  };
  parentNode: SvgElement | null = null;
  private readonly attributes = new Map<string, string>();
  private content: (SvgElement | string)[] = [];

  constructor(ownerDocument: SvgDocument, name: string) {
    this.ownerDocument = ownerDocument;
    this.name = name;
  }

  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, isSpoken(name) ? String(value) : tidy(String(value)));
  }

  setAttributeNS(_namespace: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  appendChild(child: SvgElement): SvgElement {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgElement, next: SvgElement | null): SvgElement {
    const at = next === null ? this.content.length : this.content.indexOf(next);
    this.content.splice(at, 0, child);
    child.parentNode = this;
    return child;
  }

  get children(): readonly SvgElement[] {
    return this.content.filter((child) => child instanceof SvgElement);
  }

  set textContent(text: string) {
    this.content = [text];
  }

  /** As markup. Style sheets are left out: the page that the picture stands in has them. */
  write(): string {
    if (this.name === "style") return "";
    // Only a picture as a whole has a role that takes a name.
    const attributes = [...this.attributes]
      .filter(([name]) => this.name === "svg" || !isSpoken(name))
      .map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
    const content = this.content.map((child) =>
      typeof child === "string" ? escapeXml(child) : child.write(),
    );
    const inside = content.join("");
    const head = `<${this.name}${attributes.join("")}`;
    return inside === "" ? `${head}/>` : `${head}>${inside}</${this.name}>`;
  }
}

/** Coordinates with two decimals: more is not to be seen. */
function tidy(value: string): string {
  return value.replaceAll(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (digits) =>
    String(Math.round(100 * Number(digits)) / 100),
  );
}

function isSpoken(attribute: string): boolean {
  return attribute.startsWith("aria-");
}
